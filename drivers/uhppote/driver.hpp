// SPDX-License-Identifier: Apache-2.0
//
// One conversation with one UT0311 controller: who are you, send your events to us, what did we miss, and then listening, with a question
// a minute. Options and quirks: README.md here.
#pragma once

#include "drivers/uhppote/card_table.hpp"
#include "drivers/uhppote/door_control.hpp"
#include "drivers/uhppote/event_run.hpp"

namespace gatehouse::drivers::uhppote {

constexpr std::uint8_t heartbeat_default_s = 15;
constexpr Duration store_retry = std::chrono::seconds(5); ///< while the disk is out
constexpr Duration poll_interval = std::chrono::seconds(60);
constexpr Duration listener_check_interval = std::chrono::minutes(5);
constexpr int heartbeats_missed_max = 3;

class UhppoteDriver final : public Driver {
public:
    /// The listener is shared by all controllers and outlives the driver.
    UhppoteDriver(DeviceInfo device, Surroundings surroundings, Listener& listener);

    /// Fault::timed_out: the controller is silent (three heartbeats and one get-status). unsupported: another protocol answers there, or the
    /// address is no IPv4 literal. The disk's faults as the sink gave them.
    Task<Error> run(RecordSink& sink) override;

    DeviceStatus status() const override;
    DoorControl* doors() override { return &doors_; }
    CardTable* cards() override { return &cards_; }

    /// What the controller's clock shows, and setting it to ours. Fault::busy: our own clock is not synced.
    Task<Result<std::optional<LocalTime>>> get_time();
    Task<Done> set_time();

    const Exchange::Counters& exchange_counters() const { return exchange_.counters(); }
    const Inbox& inbox() const { return inbox_; }

private:
    Task<Error> converse(RecordSink& sink);
    Task<Done> say_hello(RecordSink& sink);
    Task<Done> check_listener(RecordSink& sink);
    Task<Done> take_listener(RecordSink& sink, ListenerAddress before, ListenerAddress wanted);
    Task<Done> switch_special_events_on(RecordSink& sink);
    Task<Done> poll(RecordSink& sink);
    Task<Done> compare_clocks(RecordSink& sink, Status status);
    Task<Done> append_change(RecordSink& sink, std::string setting, std::string value, std::string previous);
    Record own_record(Kind kind) const;
    void bear_refusal(const Error& why);
    bool is_heartbeat_fresh() const;
    Instant next_poll() const;

    DeviceInfo device_;
    Surroundings surroundings_;
    Listener& listener_;
    Inbox inbox_;
    DeviceStatus status_;
    Exchange exchange_;
    EventRun events_;
    ControllerDoors doors_;
    ControllerCards cards_;
    std::uint8_t heartbeat_s_ = heartbeat_default_s;
    bool listener_is_ours_ = false;
    bool special_events_on_ = false;
    std::optional<std::int64_t> told_offset_us_; ///< the skew of the last clock.skewed, while we may not set the clock
    Instant polled_{};                           ///< the last get-status that was answered, or the start
    Instant poll_due_{};
    Instant listener_due_{};
    bool bears_refusal_ = false;
    Instant reading_due_{}; ///< not before this is the memory read again: the disk refused what was read
};

std::unique_ptr<Driver> make_uhppote(DeviceInfo device, Surroundings surroundings, Listener& listener);

} // namespace gatehouse::drivers::uhppote
