// SPDX-License-Identifier: Apache-2.0
//
// The gateway's own idea of the time, which may be set, run wrong or be nobody's word. Devices and platforms live by the true one.
#pragma once

#include "tests/fakes/sim_clock.hpp"

namespace gatehouse::world {

class GatewayClock final : public Clock {
public:
    explicit GatewayClock(fakes::SimClock& true_clock) : true_(true_clock) {}

    Time now() const override {
        const auto gone = true_.steady_now() - since_;
        return true_.now() + offset_ + gone * drift_per_mille_ / 1000;
    }
    Instant steady_now() const override { return true_.steady_now(); }
    ClockQuality quality() const override { return quality_; }
    Task<void> sleep_until(Instant when) override { return true_.sleep_until(when); }

    void step(Duration by) { offset_ += by; }
    void set(Time to) { offset_ += to - now(); }
    /// So much faster (or slower) than true time, from now on.
    void drift(int per_mille) {
        offset_ += (true_.steady_now() - since_) * drift_per_mille_ / 1000;
        since_ = true_.steady_now();
        drift_per_mille_ = per_mille;
    }
    void set_quality(ClockQuality quality) { quality_ = quality; }
    /// NTP is there again.
    void heal() {
        drift(0);
        offset_ = Duration(0);
        quality_ = ClockQuality::synced;
    }
    bool is_true() const { return quality_ == ClockQuality::synced && offset_ == Duration(0) && drift_per_mille_ == 0; }

private:
    fakes::SimClock& true_;
    Duration offset_{0};
    Instant since_{};
    int drift_per_mille_ = 0;
    ClockQuality quality_ = ClockQuality::synced;
};

} // namespace gatehouse::world
