// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/driver.hpp"

#include "daemon/base/text.hpp"
#include "drivers/supervisor.hpp"
#include "drivers/uhppote/get_device.hpp"
#include "drivers/uhppote/get_time.hpp"
#include "drivers/uhppote/record_special_events.hpp"
#include "drivers/uhppote/set_listener.hpp"
#include "drivers/uhppote/set_time.hpp"

#include <algorithm>

namespace gatehouse::drivers::uhppote {

namespace {

constexpr std::int64_t heartbeat_min_s = 5;
constexpr std::int64_t heartbeat_max_s = 60;

std::uint8_t heartbeat_of(const DeviceInfo& device) {
    const auto option = device.options.find("heartbeat_s");
    const auto number = option == device.options.end() ? std::nullopt : to_number(option->second);
    return static_cast<std::uint8_t>(std::clamp(number.value_or(heartbeat_default_s), heartbeat_min_s, heartbeat_max_s));
}

std::string text_of(const ListenerAddress& listener) {
    return to_text(listener.ip) + ":" + std::to_string(listener.port) + "/" + std::to_string(listener.interval_s) + "s";
}

// Half a second on top: the controller's clock shows whole ones.
std::int64_t offset_of(LocalTime device, Time now, std::chrono::minutes zone) {
    return (to_utc(device, zone) + std::chrono::milliseconds(500) - now).count();
}

} // namespace

UhppoteDriver::UhppoteDriver(DeviceInfo device, Surroundings surroundings, Listener& listener)
    : device_(std::move(device)), surroundings_(surroundings), listener_(listener), exchange_(surroundings_, device_),
      events_(surroundings_, device_, exchange_, inbox_, status_), doors_(device_, exchange_), cards_(device_, exchange_),
      heartbeat_s_(heartbeat_of(device_)) {}

DeviceStatus UhppoteDriver::status() const {
    auto status = status_;
    if (inbox_.heard_at && (!status.heard_at || *status.heard_at < *inbox_.heard_at)) status.heard_at = inbox_.heard_at;
    status.malformed += exchange_.counters().malformed;
    return status;
}

Record UhppoteDriver::own_record(Kind kind) const {
    auto record = record_of(device_, kind, surroundings_.clock.now());
    if (surroundings_.clock.quality() == ClockQuality::unsynced) record.clock = ClockState::unsynced;
    return record;
}

Task<Error> UhppoteDriver::run(RecordSink& sink) {
    status_.state = DeviceStatus::State::connecting;
    auto over = co_await converse(sink);
    if (status_.state == DeviceStatus::State::online) status_.state = DeviceStatus::State::offline;
    status_.fault = over.what();
    co_return over;
}

Task<Error> UhppoteDriver::converse(RecordSink& sink) {
    if (auto ip = parse_ip(device_.address.host); !ip) co_return Error(Fault::unsupported, ip.error().what()).during("controller " + device_.id);
    inbox_.clear();
    const auto registration = listener_.join(device_.serial, device_.address.host, inbox_);
    auto met = co_await say_hello(sink);
    if (!met) co_return std::move(met).error();
    auto begun = co_await events_.begin(sink);
    if (!begun) co_return std::move(begun).error();
    polled_ = surroundings_.clock.steady_now();
    poll_due_ = polled_;
    listener_due_ = polled_ + listener_check_interval;
    for (;;) {
        inbox_.filled.reset();
        while (auto pushed = inbox_.take()) {
            // While the disk is out we go on listening: each alarm still goes up (the sink sees to it), and the memory keeps the event.
            auto taken = co_await events_.take(sink, *pushed);
            if (!taken) bear_refusal(taken.error());
        }
        if (surroundings_.clock.steady_now() >= listener_due_) {
            listener_due_ = surroundings_.clock.steady_now() + listener_check_interval;
            auto checked = co_await check_listener(sink);
            if (!checked && checked.error().fault() != Fault::timed_out) co_return std::move(checked).error();
        }
        const auto now = surroundings_.clock.steady_now();
        if ((events_.wants_catch_up() && now >= reading_due_) || now >= next_poll()) {
            poll_due_ = surroundings_.clock.steady_now() + poll_interval;
            auto polled = co_await poll(sink);
            if (!polled && events_.is_refused_by_sink()) {
                bear_refusal(polled.error());
                continue;
            }
            // One direction may be broken for a while: as long as heartbeats come, the controller is there.
            const bool bears_it = !polled && polled.error().fault() == Fault::timed_out && is_heartbeat_fresh();
            if (!polled && !bears_it && polled.error().fault() != Fault::busy) co_return std::move(polled).error();
            if (bears_it) status_.fault = "events arrive, but questions are not answered";
            continue;
        }
        auto pushed = inbox_.filled.wait();
        if (bears_refusal_ && !events_.is_refused_by_sink()) {
            bears_refusal_ = false;
            status_.fault.clear();
        }
        auto wake_at = std::min(next_poll(), listener_due_);
        if (events_.wants_catch_up()) wake_at = std::min(wake_at, reading_due_);
        auto due = surroundings_.clock.sleep_until(wake_at);
        co_await first_of(std::move(pushed), std::move(due));
    }
}

void UhppoteDriver::bear_refusal(const Error& why) {
    status_.fault = "events cannot be stored: " + why.what();
    bears_refusal_ = true;
    reading_due_ = surroundings_.clock.steady_now() + store_retry;
}

bool UhppoteDriver::is_heartbeat_fresh() const {
    if (!listener_is_ours_ || !inbox_.heard_steady) return false;
    return surroundings_.clock.steady_now() - *inbox_.heard_steady <
           std::chrono::seconds(heartbeats_missed_max * heartbeat_s_) + reply_wait * tries_max;
}

// Every minute; earlier when three heartbeats are missing: then the answer decides whether the controller is there.
Instant UhppoteDriver::next_poll() const {
    if (!listener_is_ours_) return poll_due_;
    const auto heard = std::max(polled_, inbox_.heard_steady.value_or(polled_));
    return std::min(poll_due_, heard + std::chrono::seconds(heartbeats_missed_max * heartbeat_s_));
}

Task<Done> UhppoteDriver::say_hello(RecordSink& sink) {
    auto packet = co_await exchange_.ask(encode_get_device(device_.serial));
    if (!packet && packet.error().fault() == Fault::timed_out) {
        const auto there = co_await exchange_.who_is_there();
        if (there && *there != device_.serial)
            co_return Error(Fault::timed_out, "another controller answers at " + net::to_text(exchange_.address()) + ": serial " +
                                                  std::to_string(*there) + ", not " + std::to_string(device_.serial));
    }
    if (!packet) co_return std::move(packet).error();
    const auto reply = decode_get_device(*packet);
    if (!reply) co_return reply.error();
    status_.firmware = reply->version;
    status_.heard_at = surroundings_.clock.now();
    status_.fault.clear();
    status_.state = DeviceStatus::State::online;
    auto online = own_record(Kind::device_online);
    online.facts["firmware"] = reply->version;
    auto appended = co_await sink.append(std::move(online), std::nullopt);
    if (!appended) co_return std::move(appended).error();
    auto checked = co_await check_listener(sink);
    if (!checked) co_return checked;
    auto switched = co_await switch_special_events_on(sink);
    co_return switched;
}

Task<Done> UhppoteDriver::check_listener(RecordSink& sink) {
    auto packet = co_await exchange_.ask(encode_get_listener(device_.serial));
    if (!packet) co_return std::move(packet).error();
    const auto reply = decode_get_listener(*packet);
    if (!reply) co_return reply.error();
    listener_is_ours_ = false;
    auto wanted = listener_.announced();
    if (!wanted) {
        status_.fault = "no address for controllers' events: reading them once a minute";
        co_return Done();
    }
    wanted->interval_s = heartbeat_s_;
    const auto& now = reply->listener;
    if (now == *wanted) {
        listener_is_ours_ = true;
        status_.fault.clear();
        co_return Done();
    }
    const bool ours_but_for_the_interval = now.ip == wanted->ip && now.port == wanted->port;
    if (!now.is_free() && !ours_but_for_the_interval) {
        status_.fault = "events go to " + text_of(now) + ", another program's: reading them once a minute";
        co_return Done();
    }
    if (!device_.may_set_listener) {
        listener_is_ours_ = ours_but_for_the_interval && now.interval_s > 0 && now.interval_s <= heartbeat_s_;
        if (!ours_but_for_the_interval) status_.fault = "events go nowhere, and we may not change that: reading them once a minute";
        co_return Done();
    }
    auto taken = co_await take_listener(sink, now, *wanted);
    co_return taken;
}

Task<Done> UhppoteDriver::take_listener(RecordSink& sink, ListenerAddress before, ListenerAddress wanted) {
    auto packet = co_await exchange_.ask(encode_set_listener(device_.serial, wanted));
    if (!packet) co_return std::move(packet).error();
    const auto reply = decode_set_listener(*packet);
    if (!reply) co_return reply.error();
    if (!reply->ok) {
        status_.fault = "the controller refused to send its events to us: reading them once a minute";
        co_return Done();
    }
    listener_is_ours_ = true;
    status_.fault.clear();
    auto changed = co_await append_change(sink, "listener", text_of(wanted), text_of(before));
    co_return changed;
}

// Without it door contacts and buttons leave no trace in the controller. It can't be read back, so it is told once.
Task<Done> UhppoteDriver::switch_special_events_on(RecordSink& sink) {
    auto packet = co_await exchange_.ask(encode_record_special_events(device_.serial, true));
    if (!packet) co_return std::move(packet).error();
    const auto reply = decode_record_special_events(*packet);
    if (!reply) co_return reply.error();
    if (!reply->ok || special_events_on_) co_return Done();
    special_events_on_ = true;
    auto changed = co_await append_change(sink, "record_special_events", "on", "");
    co_return changed;
}

Task<Done> UhppoteDriver::append_change(RecordSink& sink, std::string setting, std::string value, std::string previous) {
    auto record = own_record(Kind::device_changed);
    record.facts["setting"] = setting;
    record.facts["value"] = value;
    if (!previous.empty()) record.facts["previous"] = previous;
    auto appended = co_await sink.append(std::move(record), std::nullopt);
    if (!appended) co_return std::move(appended).error();
    co_return Done();
}

Task<Done> UhppoteDriver::poll(RecordSink& sink) {
    auto packet = co_await exchange_.ask(encode_get_status(device_.serial));
    if (!packet) co_return std::move(packet).error();
    const auto status = decode_get_status(*packet);
    if (!status) co_return status.error();
    polled_ = surroundings_.clock.steady_now();
    status_.heard_at = surroundings_.clock.now();
    auto compared = co_await compare_clocks(sink, *status);
    if (!compared) co_return compared;
    auto caught_up = co_await events_.catch_up(sink, status->event.index);
    co_return caught_up;
}

Task<Done> UhppoteDriver::compare_clocks(RecordSink& sink, Status status) {
    auto& error = events_.clock_error();
    error.ours_is_synced = surroundings_.clock.quality() == ClockQuality::synced;
    if (!error.ours_is_synced) co_return Done(); // two wrong clocks agree on nothing
    std::optional<std::int64_t> offset;
    if (status.time) offset = offset_of(*status.time, surroundings_.clock.now(), surroundings_.zone);
    status_.clock_offset_us = offset;
    error.offset_us = offset.value_or(0);
    if (offset && std::abs(*offset) <= clock_offset_max.count()) {
        told_offset_us_.reset();
        co_return Done();
    }
    if (!device_.may_set_clock) {
        if (!offset || (told_offset_us_ && std::abs(*told_offset_us_ - *offset) <= clock_offset_max.count())) co_return Done();
        told_offset_us_ = offset;
    }
    auto skewed = own_record(Kind::clock_skewed);
    if (offset) skewed.facts["offset_ms"] = *offset / 1000;
    skewed.facts["set"] = device_.may_set_clock;
    if (!device_.may_set_clock) {
        auto told = co_await sink.append(std::move(skewed), std::nullopt);
        if (!told) co_return std::move(told).error();
        co_return Done();
    }
    auto set = co_await set_time();
    skewed.facts["set"] = set.has_value();
    auto told = co_await sink.append(std::move(skewed), std::nullopt);
    if (!told) co_return std::move(told).error();
    if (!set) co_return set;
    if (offset) error.before_us = offset;
    error.before_up_to = status.event.index;
    error.offset_us = 0;
    status_.clock_offset_us = 0;
    auto shows = to_text(to_local(surroundings_.clock.now(), surroundings_.zone));
    auto showed = status.time ? to_text(*status.time) : std::string();
    auto changed = co_await append_change(sink, "clock", std::move(shows), std::move(showed));
    co_return changed;
}

Task<Result<std::optional<LocalTime>>> UhppoteDriver::get_time() {
    auto packet = co_await exchange_.ask(encode_get_time(device_.serial));
    if (!packet) co_return std::move(packet).error();
    auto reply = decode_get_time(*packet);
    if (!reply) co_return std::move(reply).error();
    co_return reply->time;
}

Task<Done> UhppoteDriver::set_time() {
    if (surroundings_.clock.quality() == ClockQuality::unsynced) co_return Error(Fault::busy, "our own clock is not synced");
    const auto nearest = to_local(surroundings_.clock.now() + std::chrono::milliseconds(500), surroundings_.zone);
    auto packet = co_await exchange_.ask(encode_set_time(device_.serial, nearest));
    if (!packet) co_return std::move(packet).error();
    const auto reply = decode_set_time(*packet);
    if (!reply) co_return reply.error();
    // A retry may have gone out seconds later than it was made: the next comparison finds that.
    if (!reply->time) co_return Error(Fault::refused, "the controller did not take the time");
    co_return Done();
}

std::unique_ptr<Driver> make_uhppote(DeviceInfo device, Surroundings surroundings, Listener& listener) {
    return std::make_unique<UhppoteDriver>(std::move(device), surroundings, listener);
}

} // namespace gatehouse::drivers::uhppote
