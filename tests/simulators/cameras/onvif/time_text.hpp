// SPDX-License-Identifier: Apache-2.0
//
// Times and spans of time as ONVIF writes them (xs:dateTime, xs:duration).
#pragma once

#include "tests/simulators/control/device_clock.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::simulators::cameras::onvif {

/// 2026-01-15T08:30:12Z
std::string zulu(control::RealTime time);
/// 2026-01-15T08:30:12Z, with or without a fraction; UTC where there is no zone.
std::optional<control::RealTime> read_time(std::string_view text);
/// PT120S, PT2M, P1DT1H; at most a day.
std::optional<std::chrono::seconds> read_duration(std::string_view text);
/// <tt:Time>…</tt:Time><tt:Date>…</tt:Date>
std::string time_and_date(control::RealTime time);

} // namespace gatehouse::simulators::cameras::onvif
