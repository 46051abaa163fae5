// SPDX-License-Identifier: Apache-2.0
//
// Whether a camera is to be recorded now, and when it was: what its policy did not want is no hole in the recordings.
#pragma once

#include "pipelines/link/schedule.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace gatehouse::pipelines {

enum class RecordingPolicy : std::uint8_t { always, on_event, scheduled, off };

constexpr std::size_t holds_max = 32;                   ///< things that go on at once; what is beyond counts as over at once
constexpr Duration hold_max = std::chrono::minutes(10); ///< an end that never came
constexpr std::size_t wanted_spans_max = 64;            ///< remembered; of those before them a hole is not told

struct RecordingPlan {
    RecordingPolicy policy = RecordingPolicy::always;
    Schedule schedule; ///< "scheduled"
    Duration post_roll = std::chrono::seconds(10);
};

/// Lives on the loop.
class RecordingSwitch {
public:
    RecordingSwitch(RecordingPlan plan, Clock& clock);

    /// Something happened: recorded until post_roll later ("on_event").
    void pulse();
    /// Something goes on, until release() of the same name or hold_max later.
    void hold(const std::string& what);
    void release(const std::string& what);
    /// All whose names begin so: who would say that they end is gone.
    void release_all(std::string_view beginning);
    /// Called whenever something of it came in.
    void follow(std::function<void()> moved) { moved_ = std::move(moved); }

    bool is_by_event() const { return plan_.policy == RecordingPolicy::on_event; }
    bool is_on();
    /// After how long is_on() may answer otherwise by itself; an hour at most.
    Duration look_again_in();
    /// When between the two it was wanted, in order. The spans of events are those since this began to live.
    std::vector<TimeSpan> wanted(Time from, Time to);

private:
    void settle();
    void keep_span(bool on, Time at);
    RecordingPlan plan_;
    Clock& clock_;
    Instant until_{};
    bool was_on_ = false;
    std::map<std::string, Instant> holds_; ///< with their latest end
    std::deque<TimeSpan> spans_;           ///< of events; the last one is open while on
    std::function<void()> moved_;
};

} // namespace gatehouse::pipelines
