// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/intake.hpp"

#include "daemon/base/text.hpp"
#include "drivers/supervisor.hpp"

#include <algorithm>
#include <cstdlib>

namespace gatehouse::drivers::onvif {

namespace {

constexpr std::size_t vendor_code_bytes_max = 64;
constexpr std::int64_t clear_after_s_max = 3600;

// Where the kind's schema has it, there it goes; a kind without such a field does without.
void put(Record& record, std::string_view name, json::value value) {
    if (const auto* field = field_of(spec_of(record.kind), name); field != nullptr && !field->personal) record.facts[name] = std::move(value);
}

// Device words are kept when they are words: a free text, such as a rule's name, can hold a person's.
bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= vendor_code_bytes_max && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' || c == '_' || c == '-' || c == '.';
    });
}

/// "DI_1" -> 1, "VideoSource_2" -> 2: tokens end in a number that people know.
std::optional<std::int64_t> number_of(std::string_view token) {
    const auto digits = token.find_last_not_of("0123456789");
    const auto tail = digits == std::string_view::npos ? token : token.substr(digits + 1);
    return tail.size() <= 6 ? to_number(tail) : std::nullopt;
}

const Item* source_item(const Notification& notification, std::initializer_list<std::string_view> names) {
    for (const Item& item : notification.source)
        for (const auto name : names)
            if (same_but_case(item.name, name)) return &item;
    return nullptr;
}

// Without a row: the first item that reads as a state, unless it counts something.
std::optional<bool> guessed_state(const Notification& notification) {
    for (const Item& item : notification.data)
        if (!same_but_case(item.name, "ObjectId"))
            if (const auto state = read_state(item.value)) return state;
    return std::nullopt;
}

} // namespace

Intake::Intake(const DeviceInfo& device, EventTable table) : device_(device), table_(std::move(table)) {
    const auto option = device.options.find("clear_after_s");
    const auto seconds = option == device.options.end() ? std::nullopt : to_number(option->second);
    if (seconds && *seconds >= 1) clear_after_ = std::chrono::seconds(std::min(*seconds, clear_after_s_max));
}

Record Intake::record_at(Kind kind, const Notification& notification, const TopicRow* row, Time heard_at, const ClockReading& clock) const {
    Record record = record_of(device_, kind, heard_at);
    record.happened_at = notification.at;
    if (clock.quality == ClockQuality::unsynced) {
        record.clock = ClockState::unsynced;
    } else if (clock.offset_us && std::abs(*clock.offset_us) > clock_offset_max.count()) {
        record.clock = ClockState::skewed;
        record.clock_offset_us = *clock.offset_us;
    }
    if (notification.at && clock.device_now && std::chrono::abs(*notification.at - *clock.device_now) > time_apart_max) {
        record.happened_at.reset(); // local time under the name of UTC
        put(record, "device_time_flawed", true);
    } else if (!notification.at) {
        put(record, "device_time_flawed", true);
    } else if (clock.quality == ClockQuality::synced && heard_at - (*notification.at - Duration(clock.offset_us.value_or(0))) > live_age_max) {
        put(record, "recovered", true);
    }
    const std::string topic = is_word(notification.topic) ? notification.topic : "unreadable";
    const std::string code = row != nullptr ? row->code : topic;
    put(record, "vendor_code", json::string(topic));
    put(record, "code", json::string(code));
    put(record, "cause", json::string(code));
    if (const auto* input = source_item(notification, {"InputToken", "AlarmInToken", "port", "sensor", "RelayToken"}))
        if (const auto number = number_of(input->value)) put(record, "input", *number);
    if (const auto* lens = source_item(notification, {"VideoSourceToken", "VideoSourceConfigurationToken", "Source"}))
        if (const auto number = number_of(lens->value)) put(record, "channel", *number);
    if (const auto* rule = source_item(notification, {"Rule"}))
        if (is_word(rule->value)) put(record, "zone", json::string(rule->value));
    return record;
}

std::optional<Record> Intake::on_state(const Notification& notification, const TopicRow* row, bool active, Time heard_at, Instant now,
                                       const ClockReading& clock) {
    const auto key = notification.key() + "|" + (row != nullptr ? row->item : std::string());
    auto found = states_.find(key);
    if (found == states_.end() && states_.size() < states_max) found = states_.emplace(key, State()).first;
    State fleeting; // beyond the bound each beginning is told and no end
    State& state = found == states_.end() ? fleeting : found->second;
    const bool was_active = state.active;
    state.active = active;
    state.at = now;
    state.last = notification;
    if (active == was_active) return std::nullopt;
    // How things stand at a new subscription: what began before it is no alarm of now. What ends has ended, whoever heard it begin: an earlier
    // conversation may have told so.
    if (active && notification.property == Notification::Property::initialized) return std::nullopt;
    std::optional<Kind> kind = active           ? std::optional(row != nullptr ? row->began : Kind::device_event)
                               : row != nullptr ? row->ended
                                                : std::optional(Kind::device_event);
    if (!kind) return std::nullopt;
    Record record = record_at(*kind, notification, row, heard_at, clock);
    put(record, "state", json::string(active ? "active" : "inactive"));
    return record;
}

// Its source is gone, and its state with it. A deletion need not repeat the data, so the state is found by what it was a state of.
std::optional<Record> Intake::on_deleted(const Notification& notification, Time heard_at, Instant now, const ClockReading& clock) {
    const auto key = notification.key() + "|";
    const auto found = states_.lower_bound(key);
    if (found == states_.end() || !found->first.starts_with(key)) return std::nullopt;
    Notification last = found->second.last;
    last.at = notification.at;
    last.property = Notification::Property::deleted;
    auto record = on_state(last, table_.row_of(last), false, heard_at, now, clock);
    states_.erase(found);
    return record;
}

std::optional<Record> Intake::take(const Notification& notification, Time heard_at, Instant now, const ClockReading& clock) {
    if (is_chatter(notification)) return std::nullopt;
    const auto* row = table_.row_of(notification);
    if (notification.property == Notification::Property::deleted) return on_deleted(notification, heard_at, now, clock);
    std::optional<bool> state;
    const bool is_pulse = row != nullptr && row->item.empty();
    if (row != nullptr && !is_pulse)
        state = read_state(notification.data_item(row->item)->value);
    else if (row == nullptr)
        state = guessed_state(notification);
    if (state) return on_state(notification, row, *state, heard_at, now, clock);
    if (row != nullptr && !is_pulse) return std::nullopt; // a word that is no state
    if (notification.property == Notification::Property::initialized) return std::nullopt;
    return record_at(row != nullptr ? row->began : Kind::device_event, notification, row, heard_at, clock);
}

std::vector<Record> Intake::expire(Time heard_at, Instant now, const ClockReading& clock) {
    std::vector<Record> ends;
    if (!clear_after_) return ends;
    for (auto& [key, state] : states_) {
        if (!state.active || now - state.at < *clear_after_) continue;
        Notification end = state.last;
        end.property = Notification::Property::changed;
        end.at = heard_at + Duration(clock.offset_us.value_or(0));
        if (auto record = on_state(end, table_.row_of(end), false, heard_at, now, clock)) ends.push_back(std::move(*record));
    }
    return ends;
}

} // namespace gatehouse::drivers::onvif
