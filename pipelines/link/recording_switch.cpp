// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/recording_switch.hpp"

#include <algorithm>

namespace gatehouse::pipelines {

namespace {
constexpr Duration look_again_max = std::chrono::hours(1);
constexpr Duration look_again_min = std::chrono::milliseconds(1);
} // namespace

RecordingSwitch::RecordingSwitch(RecordingPlan plan, Clock& clock) : plan_(std::move(plan)), clock_(clock) {}

void RecordingSwitch::pulse() {
    settle(); // what ended before this began
    until_ = std::max(until_, clock_.steady_now() + plan_.post_roll);
    settle();
    if (moved_) moved_();
}

void RecordingSwitch::hold(const std::string& what) {
    settle();
    if (holds_.contains(what) || holds_.size() < holds_max) holds_[what] = clock_.steady_now() + hold_max;
    pulse();
}

void RecordingSwitch::release(const std::string& what) {
    if (holds_.erase(what) > 0) pulse();
}

void RecordingSwitch::release_all(std::string_view beginning) {
    if (std::erase_if(holds_, [&](const auto& hold) { return hold.first.starts_with(beginning); }) > 0) pulse();
}

// What ended by itself since it was asked last ended when it did, not now.
void RecordingSwitch::settle() {
    const auto steady = clock_.steady_now();
    const auto now = clock_.now();
    for (auto hold = holds_.begin(); hold != holds_.end();) {
        if (hold->second > steady) {
            ++hold;
            continue;
        }
        until_ = std::max(until_, hold->second + plan_.post_roll);
        hold = holds_.erase(hold);
    }
    const bool on = !holds_.empty() || until_ > steady;
    if (on != was_on_) keep_span(on, on ? now : now - (steady - until_));
}

void RecordingSwitch::keep_span(bool on, Time at) {
    was_on_ = on;
    if (on) {
        spans_.push_back({at, Time::max()});
        if (spans_.size() > wanted_spans_max) spans_.pop_front();
    } else if (!spans_.empty()) {
        spans_.back().to = at;
    }
}

bool RecordingSwitch::is_on() {
    switch (plan_.policy) {
    case RecordingPolicy::always: return true;
    case RecordingPolicy::off: return false;
    case RecordingPolicy::scheduled: return plan_.schedule.is_on(clock_.now());
    case RecordingPolicy::on_event: break;
    }
    settle();
    return was_on_;
}

Duration RecordingSwitch::look_again_in() {
    auto wait = look_again_max;
    if (plan_.policy == RecordingPolicy::scheduled) {
        const auto now = clock_.now();
        if (const auto change = plan_.schedule.next_change(now)) wait = std::min<Duration>(wait, *change - now);
    } else if (plan_.policy == RecordingPolicy::on_event && is_on()) {
        auto end = until_;
        for (const auto& [what, until] : holds_) end = std::max(end, until);
        wait = std::min<Duration>(wait, end - clock_.steady_now());
    }
    return std::max(wait, look_again_min);
}

std::vector<TimeSpan> RecordingSwitch::wanted(Time from, Time to) {
    std::vector<TimeSpan> spans;
    const auto add = [&](Time begin, Time end) {
        const TimeSpan span{std::max(begin, from), std::min(end, to)};
        if (span.from < span.to) spans.push_back(span);
    };
    if (plan_.policy == RecordingPolicy::always) {
        add(from, to);
    } else if (plan_.policy == RecordingPolicy::on_event) {
        settle();
        for (const auto& span : spans_) add(span.from, span.to);
    } else if (plan_.policy == RecordingPolicy::scheduled) {
        auto at = from;
        while (at < to && spans.size() < wanted_spans_max) {
            const auto change = plan_.schedule.next_change(at).value_or(to);
            if (plan_.schedule.is_on(at)) add(at, change);
            at = change;
        }
    }
    return spans;
}

} // namespace gatehouse::pipelines
