// SPDX-License-Identifier: Apache-2.0
//
// Time is a parameter. Nothing outside daemon/base/clock reads a clock or arms a timer, so that the whole core can live a simulated
// day in one thread (tests/fakes/sim_clock.hpp).
#pragma once

#include "daemon/base/task.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse {

/// Wall clock: UTC, microseconds since 1970. Order never comes from it.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// Monotonic, for deadlines and intervals only; its zero means nothing.
using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::microseconds>;

/// Whether the wall clock can be believed.
enum class ClockQuality { synced, unsynced };

class Clock {
public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
    virtual Instant steady_now() const = 0;
    virtual ClockQuality quality() const = 0;
    virtual Task<void> sleep_until(Instant when) = 0;
    Task<void> sleep_for(Duration howlong) { return sleep_until(steady_now() + howlong); }
};

/// The machine's clocks. quality() asks the kernel (adjtimex: STA_UNSYNC clear). Thread-safe but for sleep_until, which is the loop's.
class RealClock final : public Clock {
public:
    explicit RealClock(Loop& loop) : loop_(loop) {}
    /// Somebody outside keeps the clock (a virtual machine's host, PTP), where the kernel always says unsynced. Before other threads run.
    void trust_outside() { trusts_outside_ = true; }
    Time now() const override;
    Instant steady_now() const override;
    ClockQuality quality() const override;
    Task<void> sleep_until(Instant when) override;

private:
    Loop& loop_;
    bool trusts_outside_ = false;
};

/// "2026-01-15T00:30:12.000000Z": RFC 3339, always UTC, always six digits, so that texts sort as times do.
std::string to_text(Time time);

/// RFC 3339 with Z or an offset, 0 to 9 fraction digits. Fault::malformed names the text.
Result<Time> parse_time(std::string_view text);

inline std::int64_t to_us(Time time) { return time.time_since_epoch().count(); }
inline Time from_us(std::int64_t us) { return Time(std::chrono::microseconds(us)); }

} // namespace gatehouse
