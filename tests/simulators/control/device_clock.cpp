// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/control/device_clock.hpp"

#include <cmath>
#include <cstdio>
#include <utility>

namespace gatehouse::simulators::control {
namespace {

// One printer for both: a local time counts from the same 1970 as a system time.
std::string iso_seconds(std::chrono::sys_time<std::chrono::microseconds> time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

} // namespace

RealTime real_now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

std::string iso_utc_ms(RealTime time) {
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count() % 1000;
    char text[8];
    std::snprintf(text, sizeof text, ".%03dZ", static_cast<int>(ms));
    return iso_seconds(time) + text;
}

std::string iso_local(LocalTime time) { return iso_seconds(RealTime{time.time_since_epoch()}); }

DeviceClock::DeviceClock(std::chrono::minutes zone, std::function<RealTime()> real)
    : zone_(zone), real_(std::move(real)), since_real_(real_()), since_device_(since_real_) {}

RealTime DeviceClock::utc() const {
    const auto passed = real_() - since_real_;
    const auto gained = static_cast<double>(passed.count()) * gained_per_s_;
    return since_device_ + passed + std::chrono::microseconds(std::llround(gained));
}

LocalTime DeviceClock::local() const { return LocalTime{(utc() + zone_).time_since_epoch()}; }

std::string DeviceClock::iso_with_zone() const {
    const auto minutes = std::chrono::abs(zone_).count();
    char text[16];
    std::snprintf(text, sizeof text, "%c%02d:%02d", zone_.count() < 0 ? '-' : '+', static_cast<int>(minutes / 60), static_cast<int>(minutes % 60));
    return iso_local(local()) + text;
}

void DeviceClock::set_local(LocalTime time) { set_utc(RealTime{time.time_since_epoch()} - zone_); }

void DeviceClock::set_utc(RealTime time) {
    since_real_ = real_();
    since_device_ = time;
}

void DeviceClock::set_offset(std::chrono::microseconds offset) { set_utc(real_() + offset); }

void DeviceClock::set_drift(double parts_per_million) {
    set_utc(utc());
    gained_per_s_ = parts_per_million / 1e6;
}

} // namespace gatehouse::simulators::control
