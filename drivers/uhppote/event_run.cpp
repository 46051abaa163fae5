// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/event_run.hpp"

#include "daemon/base/log.hpp"
#include "drivers/supervisor.hpp"

#include <algorithm>

namespace gatehouse::drivers::uhppote {

namespace {
constexpr std::size_t fingerprint_digits = 16;
}

EventRun::EventRun(const Surroundings& surroundings, const DeviceInfo& device, Exchange& exchange, Inbox& inbox, DeviceStatus& status)
    : surroundings_(surroundings), device_(device), exchange_(exchange), inbox_(inbox), status_(status) {}

Task<Done> EventRun::begin(RecordSink& sink) {
    auto mark = co_await sink.last_mark(device_.id);
    if (!mark) co_return std::move(mark).error();
    has_mark_ = mark->has_value();
    mark_ = has_mark_ ? **mark : SourceMark();
    beyond_.clear();
    wanted_ = true;
    co_return Done();
}

std::string EventRun::mark_text(const LoggedEvent& event) const {
    auto text = fingerprint_of(event);
    if (event.time) text += " " + gatehouse::to_text(to_utc(*event.time, surroundings_.zone));
    return text;
}

std::string EventRun::mark_time() const {
    return mark_.text.size() > fingerprint_digits + 1 ? mark_.text.substr(fingerprint_digits + 1) : std::string();
}

// Whose clock made the statement, and how wrong it was then: an event from before we set the clock keeps the error of that time.
void EventRun::state_clock(Record& record, std::uint32_t index) const {
    if (!clock_error_.ours_is_synced) {
        record.clock = ClockState::unsynced;
        return;
    }
    const bool before = clock_error_.before_us && index <= clock_error_.before_up_to;
    const auto offset = before ? *clock_error_.before_us : clock_error_.offset_us;
    if (std::abs(offset) <= clock_offset_max.count()) return;
    record.clock = ClockState::skewed;
    record.clock_offset_us = offset;
}

bool EventRun::is_late(const Record& record) const {
    if (!record.happened_at) return false;
    return record.heard_at - (*record.happened_at - Duration(record.clock_offset_us)) > late_after;
}

Task<Done> EventRun::append(RecordSink& sink, LoggedEvent event, Time heard_at, bool pushed, bool moves_mark) {
    auto record = record_of_event(event, device_, surroundings_.zone);
    record.heard_at = heard_at;
    record.device_key = DeviceKey{event.index, mark_.generation};
    state_clock(record, event.index);
    const bool recovered = !pushed || is_late(record);
    if (recovered) record.facts["recovered"] = true;
    const SourceMark moved{mark_.generation, event.index, mark_text(event)};
    std::optional<SourceMark> mark;
    if (moves_mark) mark = moved;
    auto appended = co_await sink.append(std::move(record), std::move(mark));
    if (!appended && appended.error().fault() == Fault::malformed) {
        // A record that our own schema refuses must not stop the run, and must not vanish.
        log::error("uhppote", "event refused by its schema", {{"device", device_.id}, {"what", appended.error().what()}});
        ++status_.malformed;
        if (!moves_mark) co_return Done();
        auto gap = gap_record("refused_by_schema");
        gap.facts["count"] = 1;
        gap.facts["count_known"] = true;
        gap.facts["first"] = event.index;
        gap.facts["last"] = event.index;
        auto stated = co_await append_gap(sink, std::move(gap), moved);
        co_return stated;
    }
    is_refused_by_sink_ = !appended;
    if (!appended) {
        wanted_ = true;
        co_return std::move(appended).error();
    }
    ++(appended->repeated ? status_.repeats : status_.events);
    if (recovered && !appended->repeated) ++status_.recovered;
    if (moves_mark) {
        mark_ = moved;
        has_mark_ = true;
        beyond_.erase(beyond_.begin(), beyond_.upper_bound(event.index));
    } else if (beyond_.size() < beyond_events_max) {
        beyond_.insert(event.index);
    }
    co_return Done();
}

Record EventRun::gap_record(std::string_view cause) const {
    auto gap = record_of(device_, Kind::gap, surroundings_.clock.now());
    gap.facts["of"] = device_.id;
    gap.facts["cause"] = cause;
    gap.facts["generation"] = mark_.generation;
    if (const auto from = mark_time(); !from.empty()) gap.facts["from"] = from;
    if (!clock_error_.ours_is_synced) gap.clock = ClockState::unsynced;
    return gap;
}

Task<Done> EventRun::append_gap(RecordSink& sink, Record gap, SourceMark mark) {
    auto appended = co_await sink.append(std::move(gap), mark);
    is_refused_by_sink_ = !appended;
    if (!appended) {
        wanted_ = true;
        co_return std::move(appended).error();
    }
    mark_ = std::move(mark);
    has_mark_ = true;
    beyond_.erase(beyond_.begin(), beyond_.upper_bound(static_cast<std::uint32_t>(mark_.number)));
    co_return Done();
}

Task<Done> EventRun::take(RecordSink& sink, Pushed pushed) {
    const auto& event = pushed.event;
    if (event.index == 0 || event.type == type_overwritten) {
        if (mark_.number > 0) wanted_ = true; // an empty log where ours was not
        co_return Done();
    }
    if (event.index <= mark_.number) {
        const bool is_last_again = event.index == mark_.number && mark_.text.substr(0, fingerprint_digits) == fingerprint_of(event);
        if (!is_last_again) wanted_ = true; // cleared and counted anew, perhaps: catch-up finds out
        ++status_.repeats;
        co_return Done();
    }
    // Before the first meeting is over nobody knows where the run begins.
    const bool is_next = event.index == mark_.number + 1 && (has_mark_ || !wanted_);
    if (!is_next) wanted_ = true;
    auto appended = co_await append(sink, event, pushed.heard_at, true, is_next);
    co_return appended;
}

Task<Result<LoggedEvent>> EventRun::read(std::uint32_t index) {
    auto packet = co_await exchange_.ask(encode_get_event(device_.serial, index));
    if (!packet) co_return std::move(packet).error();
    auto reply = decode_get_event(*packet);
    if (!reply) co_return std::move(reply).error();
    const bool is_of_that_index = index == first_event || index == last_event || reply->event.index == index || reply->event.index == 0;
    if (!is_of_that_index)
        co_return Error(Fault::malformed, "asked for event " + std::to_string(index) + ", got " + std::to_string(reply->event.index));
    co_return reply->event;
}

Task<Result<bool>> EventRun::is_same_log(std::uint32_t last) {
    if (mark_.number == 0) co_return true;
    if (last < mark_.number) co_return false;
    if (mark_.text.empty()) co_return true; // the mark stands on a gap: nothing to compare
    auto event = co_await read(static_cast<std::uint32_t>(mark_.number));
    if (!event) co_return std::move(event).error();
    if (event->index == 0 || event->type == type_overwritten) co_return true;
    co_return mark_.text.substr(0, fingerprint_digits) == fingerprint_of(*event);
}

Task<Done> EventRun::first_meeting(std::uint32_t last) {
    const auto history = device_.options.find("history");
    if (history != device_.options.end() && history->second == "none") {
        mark_.number = last;
        co_return Done();
    }
    if (last == 0) co_return Done();
    auto first = co_await read(first_event);
    if (!first) co_return std::move(first).error();
    mark_.number = first->index > 0 ? first->index - 1 : 0;
    co_return Done();
}

Task<Done> EventRun::start_new_generation(RecordSink& sink) {
    auto gap = gap_record("log_cleared");
    gap.facts["count_known"] = false;
    gap.facts["first"] = mark_.number + 1;
    gap.facts["to"] = gatehouse::to_text(surroundings_.clock.now());
    const SourceMark mark{mark_.generation + 1, 0, ""};
    auto appended = co_await append_gap(sink, std::move(gap), mark);
    if (appended) beyond_.clear();
    clock_error_.before_us.reset();
    co_return appended;
}

Task<Done> EventRun::jump_over_lost(RecordSink& sink, std::uint32_t next) {
    auto first = co_await read(first_event);
    if (!first) co_return std::move(first).error();
    if (first->index == 0) {
        wanted_ = true; // emptied under our hands
        co_return Error(Fault::busy, "the controller's log was emptied while it was read");
    }
    const auto kept_from = std::max(first->index, next + 1); // not older than `next`: that single event can't be read
    const auto stored = static_cast<std::uint32_t>(std::distance(beyond_.lower_bound(next), beyond_.lower_bound(kept_from)));
    const auto lost = kept_from - next - stored;
    auto gap = gap_record(first->index > next ? "overwritten" : "unreadable");
    gap.facts["count"] = lost;
    gap.facts["count_known"] = true;
    gap.facts["first"] = next;
    gap.facts["last"] = kept_from - 1;
    if (first->index > next && first->time) gap.facts["to"] = gatehouse::to_text(to_utc(*first->time, surroundings_.zone));
    status_.lost += lost;
    const SourceMark mark{mark_.generation, kept_from - 1, ""};
    auto appended = co_await append_gap(sink, std::move(gap), mark);
    co_return appended;
}

Task<Done> EventRun::catch_up(RecordSink& sink, std::uint32_t last) {
    wanted_ = false;
    if (!has_mark_ && mark_.number == 0) {
        auto met = co_await first_meeting(last);
        if (!met) co_return met;
    }
    auto same = co_await is_same_log(last);
    if (!same) co_return std::move(same).error();
    if (!*same) {
        auto started = co_await start_new_generation(sink);
        if (!started) co_return started;
    }
    std::uint32_t in_batch = 0;
    while (mark_.number < last) {
        const auto next = static_cast<std::uint32_t>(mark_.number) + 1;
        auto event = co_await read(next);
        if (!event) co_return std::move(event).error();
        const bool lost = event->index == 0 || event->type == type_overwritten;
        auto step = lost ? jump_over_lost(sink, next) : append(sink, *event, surroundings_.clock.now(), false, true);
        auto done = co_await std::move(step);
        if (!done) co_return done;
        if (++in_batch % batch_events_max != 0) continue;
        while (auto pushed = inbox_.take()) {
            auto taken = co_await take(sink, *pushed);
            if (!taken) co_return taken;
        }
    }
    co_return Done();
}

} // namespace gatehouse::drivers::uhppote
