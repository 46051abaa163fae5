// SPDX-License-Identifier: Apache-2.0
//
// Times and spans of time as ONVIF writes them (XML Schema Part 2: xs:dateTime, xs:duration).
#pragma once

#include "daemon/base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::drivers::onvif {

/// With Z, an offset, or no zone, which is taken for UTC; any fraction.
std::optional<Time> read_date_time(std::string_view text);
/// "2026-01-15T08:30:12Z": some refuse a log-in whose time has no Z, or has a fraction.
std::string date_time_text(Time time);
/// "PT120S"
std::string duration_text(std::chrono::seconds span);

} // namespace gatehouse::drivers::onvif
