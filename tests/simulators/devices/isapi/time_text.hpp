// SPDX-License-Identifier: Apache-2.0
// The many ways in which firmware writes a time down. Times are microseconds since 1970-01-01T00:00:00Z.
#pragma once

#include "tests/simulators/control/device_clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::simulators::isapi {

using Micros = std::int64_t;

constexpr Micros second = 1'000'000;

enum class TimeFormat {
    offset,    // 2026-01-15T08:30:31+08:00
    zulu,      // 2026-01-15T00:30:31Z
    millis,    // 2026-01-15T08:30:31.250+08:00
    no_zone,   // 2026-01-15T08:30:31
    sign_lost, // 2026-01-15T08:30:3108:00
};

std::optional<TimeFormat> time_format_named(std::string_view name);

std::string format_time(Micros at, int zone_minutes, TimeFormat format);
std::string format_digits(Micros at, int zone_minutes);           // 20260115083031250, as absTime
std::string format_basic(Micros at, int zone_minutes, bool zulu); // 20260115T083031+0800 or 20260115T003031Z

// Every format above, with or without dashes and colons; a text without a zone is read in `zone_minutes`.
std::optional<Micros> parse_time(std::string_view text, int zone_minutes);

// What a device's clock shows.
inline Micros micros(control::RealTime time) { return time.time_since_epoch().count(); }
inline control::RealTime real_time(Micros at) { return control::RealTime{std::chrono::microseconds{at}}; }

} // namespace gatehouse::simulators::isapi
