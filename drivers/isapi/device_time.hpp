// SPDX-License-Identifier: Apache-2.0
//
// Times as Hikvision devices write them. Source: ISAPI captures: "+08:00", "Z", fractions, no zone at all, and
// "2026-01-15T08:30:3108:00", whose sign got lost.
#pragma once

#include "daemon/base/clock.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::drivers::isapi {

struct DeviceTime {
    std::optional<Time> at;     ///< the statement, when it can be read; else what we heard stands in
    std::optional<Time> second; ///< the whole second it names, by best guess when flawed: for telling repeats, never for records
    bool flawed = false;        ///< something stood there that cannot be believed
};

/// `zone` counts for a text that states none. An empty text is flawed too.
DeviceTime read_device_time(std::string_view text, std::chrono::minutes zone);

/// absTime: yyyyMMddHHmmss, then up to three digits of milliseconds, local.
std::optional<Time> read_abs_time(std::string_view text, std::chrono::minutes zone);

/// captureTime: "20260115T083012+0800", "20260115T003012Z" or local without a zone.
std::optional<Time> read_capture_time(std::string_view text, std::chrono::minutes zone);

/// "2026-01-15T08:30:12+08:00", whole seconds.
std::string device_time_text(Time time, std::chrono::minutes zone);
/// "20260115T003012Z", or local without the letter when `with_z` is false.
std::string pic_time_text(Time time, std::chrono::minutes zone, bool with_z);

/// The offset in a zone text: POSIX style has the sign turned round: "CST-8:00:00" is UTC+8. None when it cannot be read.
std::optional<std::chrono::minutes> read_zone(std::string_view text);
std::string zone_text(std::chrono::minutes zone);

} // namespace gatehouse::drivers::isapi
