// SPDX-License-Identifier: Apache-2.0
//
// A controller's events in the order of their indexes, from its pushes and from its memory. The mark is the end of the unbroken run that
// is stored: {generation, index, "FINGERPRINT TIME"} of the last event of it. What can't be read any more becomes a gap with its count.
#pragma once

#include "drivers/uhppote/event_record.hpp"
#include "drivers/uhppote/exchange.hpp"
#include "drivers/uhppote/listener.hpp"

#include <set>

namespace gatehouse::drivers::uhppote {

constexpr std::uint32_t batch_events_max = 50;            ///< read back before pushes get their turn
constexpr std::size_t beyond_events_max = 4096;           ///< remembered as stored beyond a hole
constexpr Duration late_after = std::chrono::seconds(15); ///< a push heard later than this after its event counts as recovered
constexpr Duration clock_offset_max = std::chrono::seconds(3);

/// How wrong the controller's clock was when an event was written.
struct ClockError {
    bool ours_is_synced = true;
    std::int64_t offset_us = 0;            ///< now: controller minus ours
    std::optional<std::int64_t> before_us; ///< before we set it
    std::uint32_t before_up_to = 0;        ///< events up to this index were written under `before_us`
};

/// One per driver; lives on the loop. All functions append in order, one at a time: the driver calls none while another runs.
class EventRun {
public:
    EventRun(const Surroundings& surroundings, const DeviceInfo& device, Exchange& exchange, Inbox& inbox, DeviceStatus& status);

    /// Reads the mark. Once at the start of a conversation.
    Task<Done> begin(RecordSink& sink);

    /// A push: the next one of the run moves the mark; one beyond a hole is stored and asks for catch-up; the last one again is a heartbeat.
    Task<Done> take(RecordSink& sink, Pushed pushed);

    /// Reads everything up to `last`, the newest index that get-status told. Takes pushes between batches.
    Task<Done> catch_up(RecordSink& sink, std::uint32_t last);

    bool wants_catch_up() const { return wanted_; }
    /// The sink refused the last record: the disk is out. What was refused stands in the controller's memory, and catch-up is wanted.
    bool is_refused_by_sink() const { return is_refused_by_sink_; }
    ClockError& clock_error() { return clock_error_; }
    const SourceMark& mark() const { return mark_; }

private:
    Task<Result<LoggedEvent>> read(std::uint32_t index);
    Task<Result<bool>> is_same_log(std::uint32_t last);
    Task<Done> first_meeting(std::uint32_t last);
    Task<Done> start_new_generation(RecordSink& sink);
    Task<Done> jump_over_lost(RecordSink& sink, std::uint32_t next);
    Task<Done> append(RecordSink& sink, LoggedEvent event, Time heard_at, bool pushed, bool moves_mark);
    Task<Done> append_gap(RecordSink& sink, Record gap, SourceMark mark);
    Record gap_record(std::string_view cause) const;
    void state_clock(Record& record, std::uint32_t index) const;
    bool is_late(const Record& record) const;
    std::string mark_text(const LoggedEvent& event) const;
    std::string mark_time() const;

    const Surroundings& surroundings_;
    const DeviceInfo& device_;
    Exchange& exchange_;
    Inbox& inbox_;
    DeviceStatus& status_;
    SourceMark mark_;
    bool has_mark_ = false; ///< false: nothing of this source was ever stored
    bool wanted_ = true;
    bool is_refused_by_sink_ = false;
    std::set<std::uint32_t> beyond_; ///< stored beyond the hole after the mark
    ClockError clock_error_;
};

} // namespace gatehouse::drivers::uhppote
