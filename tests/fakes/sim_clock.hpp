// SPDX-License-Identifier: Apache-2.0
//
// Simulated time: stands still until somebody moves it. run_for() lets a whole core live an hour in a blink, on one thread.
#pragma once

#include "daemon/base/clock.hpp"

#include <map>

namespace gatehouse::fakes {

class SimClock final : public Clock {
public:
    /// Starts at 2026-01-15 00:30:00 UTC, synced.
    explicit SimClock(Loop& loop) : loop_(loop) {}

    Time now() const override { return wall_; }
    Instant steady_now() const override { return steady_; }
    ClockQuality quality() const override { return quality_; }
    Task<void> sleep_until(Instant when) override;

    /// Runs what is ready, then moves to the next alarm within `howlong`, and so on; ends at now + howlong with nothing ready.
    void run_for(Duration howlong);

    /// Steps the wall clock only (an NTP step, a wrong battery clock).
    void step_wall(Duration by) { wall_ += by; }
    void set_quality(ClockQuality quality) { quality_ = quality; }

private:
    Loop& loop_;
    Time wall_ = from_us(1'768'437'000'000'000);
    Instant steady_{};
    ClockQuality quality_ = ClockQuality::synced;
    std::multimap<Instant, Event*> alarms_;
};

} // namespace gatehouse::fakes
