// SPDX-License-Identifier: Apache-2.0
// The clock inside a device: right, wrong or jumping, and the many ways firmware writes it down.
// Times are microseconds since 1970-01-01T00:00:00Z.
#pragma once

#include <cstdint>
#include <functional>
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
std::string format_digits(Micros at, int zone_minutes);                  // 20260115083031250, as absTime
std::string format_basic(Micros at, int zone_minutes, bool zulu);        // 20260115T083031+0800 or 20260115T003031Z
std::string format_utc(Micros at);                                       // 2026-01-15T00:30:31.250Z, for ledgers

// Every format above, with or without dashes and colons; a text without a zone is read in `zone_minutes`.
std::optional<Micros> parse_time(std::string_view text, int zone_minutes);

// The real clock, for programs.
Micros real_now();

class DeviceClock {
public:
    explicit DeviceClock(std::function<Micros()> truth = real_now) : truth_(std::move(truth)) {}

    Micros true_now() const { return truth_(); }
    Micros now() const { return truth_() + offset_; }
    Micros offset() const { return offset_; }
    void set_offset(Micros offset) { offset_ = offset; }
    void set(Micros at) { offset_ = at - truth_(); }
    int zone_minutes() const { return zone_minutes_; }
    void set_zone_minutes(int minutes) { zone_minutes_ = minutes; }

private:
    std::function<Micros()> truth_;
    Micros offset_ = 0;
    int zone_minutes_ = 480;
};

} // namespace gatehouse::simulators::isapi
