// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/clock_steps.hpp"

#include "daemon/base/log.hpp"

#include <optional>

namespace gatehouse::app {

namespace {

constexpr Duration look_every = std::chrono::seconds(1);

Duration size_of(Duration offset) { return offset < Duration(0) ? -offset : offset; }

Record correction(const Clock& clock, Duration gained) {
    Record record;
    record.kind = Kind::clock_skewed;
    record.heard_at = clock.now();
    record.clock = clock.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
    record.source = "gateway";
    record.facts = {{"offset_ms", -std::chrono::duration_cast<std::chrono::milliseconds>(gained).count()}, {"set", true}};
    return record;
}

} // namespace

Task<void> tell_clock_steps(Clock& clock, RecordSink& sink) {
    auto wall = clock.now();
    auto steady = clock.steady_now();
    bool was_synced = clock.quality() == ClockQuality::synced;
    Duration gained_before{};
    std::optional<Instant> told_at;
    for (;;) {
        co_await clock.sleep_for(look_every);
        const auto now = clock.steady_now();
        const Duration gained = (clock.now() - wall) - (now - steady);
        const bool is_synced = clock.quality() == ClockQuality::synced;
        const bool has_become_synced = is_synced && !was_synced;
        was_synced = is_synced;
        const bool has_jumped = size_of(gained - gained_before) >= clock_step_min;
        const bool has_drifted = size_of(gained) >= clock_step_min && (!told_at || now - *told_at >= drift_told_every);
        gained_before = gained;
        if (!has_become_synced && !has_jumped && !has_drifted) continue;
        log::warning("clock", "the clock was set, or runs wrong: look at chrony or systemd-timesyncd where nobody set it",
                     {{"by_ms", gained.count() / 1000}});
        sink.hand_over(correction(clock, gained));
        wall += gained;
        gained_before = Duration(0);
        told_at = now;
    }
}

} // namespace gatehouse::app
