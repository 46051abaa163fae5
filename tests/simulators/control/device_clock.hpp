// SPDX-License-Identifier: Apache-2.0
//
// The clock of a simulated device: the real time moved by an offset, running too fast or too slow, shown in a fixed
// zone. The real clock is handed in, so a test can stand still or walk. Also the few ways to print a time.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace gatehouse::simulators::control {

using RealTime = std::chrono::sys_time<std::chrono::microseconds>;
using LocalTime = std::chrono::local_time<std::chrono::microseconds>;

RealTime real_now();

/// 2026-01-15T00:30:12.345Z
std::string iso_utc_ms(RealTime time);
/// 2026-01-15T08:30:12, without zone
std::string iso_local(LocalTime time);

class DeviceClock {
public:
    explicit DeviceClock(std::chrono::minutes zone = std::chrono::hours(8), std::function<RealTime()> real = real_now);

    /// What the device believes.
    RealTime utc() const;
    LocalTime local() const;
    std::chrono::minutes zone() const { return zone_; }
    /// 2026-01-15T08:30:12+08:00
    std::string iso_with_zone() const;

    /// Somebody sets the device's clock by its protocol.
    void set_local(LocalTime time);
    void set_utc(RealTime time);
    void set_zone(std::chrono::minutes zone) { zone_ = zone; }

    /// How wrong it is from now on: offset against the real time, and parts per million that it gains.
    void set_offset(std::chrono::microseconds offset);
    void set_drift(double parts_per_million);
    RealTime real() const { return real_(); }
    std::chrono::microseconds offset() const { return utc() - real_(); }

private:
    std::chrono::minutes zone_;
    std::function<RealTime()> real_;
    RealTime since_real_;   // the two clocks were compared last at this real time,
    RealTime since_device_; // when the device's showed this
    double gained_per_s_ = 0;
};

} // namespace gatehouse::simulators::control
