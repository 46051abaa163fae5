// SPDX-License-Identifier: Apache-2.0
//
// One device's way into the log, whichever way its events came: one append at a time, so that order and marks hold; repeats known here
// are not handed over again; what asks for a look into the device's memory sets catch_up_wanted(). On the loop.
#pragma once

#include "drivers/isapi/intake.hpp"
#include "drivers/isapi/serial_run.hpp"

#include <deque>
#include <string>

namespace gatehouse::drivers::isapi {

/// One at a time, in no promised order.
class Turn {
public:
    class Held {
    public:
        explicit Held(Turn& turn) : turn_(&turn) {}
        Held(Held&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {}
        Held& operator=(Held&&) = delete;
        ~Held() {
            if (turn_ != nullptr) turn_->give_back();
        }

    private:
        Turn* turn_;
    };
    Task<Held> take() {
        while (taken_) {
            freed_.reset();
            co_await freed_.wait();
        }
        taken_ = true;
        co_return Held(*this);
    }

private:
    void give_back() {
        taken_ = false;
        freed_.set();
    }
    bool taken_ = false;
    Event freed_;
};

enum class Kept {
    stored,
    repeated, ///< was there already
    skipped,  ///< heartbeat, state that goes on, or dropped on purpose
    deferred, ///< not stored: the device's counter looks as if it began anew; the search decides, and brings the event
};

class Writer {
public:
    /// All outlive it.
    Writer(const DeviceInfo& device, Surroundings surroundings, EventTable table, DeviceStatus& status);

    /// At the start of each conversation. The sink is one for life.
    Task<Done> start(RecordSink& sink);

    /// Fault: the sink's. Malformed records are counted here.
    Task<Result<Kept>> write(Arrival arrival, Way way);
    /// A record that is not an event of the device's own (online, gaps, settings).
    Task<Done> tell(Record record, std::optional<SourceMark> mark = std::nullopt);
    /// Counts what was lost and moves the run's end past it.
    Task<Done> give_up(SerialRun::Hole hole, std::optional<std::uint64_t> count, std::string cause);
    /// States that were not repeated.
    Task<Done> expire();

    Record record_now(Kind kind) const;
    ClockReading clock_reading() const;
    void set_clock_offset(std::optional<std::int64_t> offset_us);
    void heard();

    SerialRun& run() { return run_; }
    const std::optional<Time>& plates_until() const { return plates_until_; }
    void set_plates_whole(bool whole) { plates_whole_ = whole; }
    bool plates_whole() const { return plates_whole_; }
    void set_search_missing() { search_missing_ = true; }
    Event& catch_up_wanted() { return catch_up_wanted_; }
    /// A live event bore a number that was long past.
    bool restart_suspected() const { return restart_suspected_; }
    void restart_looked_into() { restart_suspected_ = false; }
    /// In one reading of a memory the count begins anew once at most: what contradicts it after that is kept beside the first.
    void keep_contradictions(bool so) { keeps_contradictions_ = so; }
    DeviceStatus& status() { return status_; }
    Instant heard_at() const { return heard_at_; }
    /// The longest of the last heartbeats' distances; none before two were heard.
    std::optional<Duration> heartbeat() const;

private:
    Task<Result<Kept>> write_serial(Taken taken, Way way);
    Task<Result<Kept>> write_plate(Taken taken, Way way);
    Task<Done> give_up_held(SerialRun::Hole hole, std::optional<std::uint64_t> count, std::string cause);
    Task<Result<Kept>> append(Record record, std::optional<SourceMark> mark);
    bool is_plate_repeat(const Taken& taken);
    void learn_heartbeat();

    const DeviceInfo& device_;
    Surroundings surroundings_;
    DeviceStatus& status_;
    Intake intake_;
    RecordSink* sink_ = nullptr;
    Turn turn_;
    SerialRun run_;
    std::optional<Time> plates_until_; ///< the time of the last plate of the unbroken run
    bool plates_whole_ = false;        ///< nothing is missing between plates_until_ and now
    bool search_missing_ = false;
    bool restart_suspected_ = false;
    bool keeps_contradictions_ = false;
    struct SeenPlate {
        std::string subject;
        std::int64_t lane;
        Time second;
    };
    std::deque<SeenPlate> seen_plates_;
    std::optional<std::int64_t> offset_us_;
    Event catch_up_wanted_;
    Instant heard_at_{};
    std::optional<Instant> heartbeat_at_;
    std::deque<Duration> heartbeats_;
};

} // namespace gatehouse::drivers::isapi
