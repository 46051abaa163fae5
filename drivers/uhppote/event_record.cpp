// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/event_record.hpp"

#include "daemon/base/sha256.hpp"
#include "drivers/uhppote/reasons.hpp"

#include <algorithm>

namespace gatehouse::drivers::uhppote {

namespace {

const Outlet* outlet_of(const DeviceInfo& device, std::uint8_t door) {
    const auto found = std::find_if(device.outlets.begin(), device.outlets.end(), [&](const Outlet& outlet) { return outlet.number == door; });
    return found == device.outlets.end() ? nullptr : &*found;
}

// The controller says 1 in, 2 out, meaning its first and second reader. An outlet mounted the other way round turns it.
std::string_view direction_of(const LoggedEvent& event, const Outlet* outlet) {
    if (event.direction != 1 && event.direction != 2) return "unknown";
    const bool turned = outlet != nullptr && outlet->forward == "out";
    return (event.direction == 1) != turned ? "in" : "out";
}

Kind kind_of(const LoggedEvent& event, const Reason* reason) {
    if (reason == nullptr) {
        // Reason 0 is the firmware's own "unknown"; a swipe stays a swipe. Any other number is kept raw.
        if (event.reason != 0 || event.type != type_swipe) return Kind::device_event;
        return event.granted ? Kind::pass_granted : Kind::pass_denied;
    }
    if (reason->family == Family::passage) return event.granted ? Kind::pass_granted : Kind::pass_denied;
    return reason->kind;
}

// A reason that contradicts the granted byte is not repeated as ours: the number stands in vendor_code.
std::string_view word_of(Kind kind, const Reason* reason) {
    if (reason == nullptr) return "unknown";
    const bool says_yes = reason->word == "granted" || reason->word == "remote" || reason->word == "super_pin";
    if (kind == Kind::pass_granted && !says_yes) return "granted";
    if (kind == Kind::pass_denied && reason->word == "granted") return "unknown";
    return reason->word;
}

void fill_facts(json::object& facts, Kind kind, const LoggedEvent& event, const Reason* reason, std::string_view direction) {
    const auto& fields = spec_of(kind);
    const auto put = [&](std::string_view name, json::value value) {
        if (field_of(fields, name) != nullptr) facts[name] = std::move(value);
    };
    if (event.door >= 1 && event.door <= 4) put("door", event.door);
    if (event.type == type_swipe && (event.direction == 1 || event.direction == 2)) put("reader", event.direction);
    if (event.direction != 0) put("direction", json::string(direction));
    if (reason != nullptr && !reason->method.empty()) put("method", json::string(reason->method));
    const auto word = word_of(kind, reason);
    if (!word.empty()) {
        put("reason", json::string(word));
        put("code", json::string(reason != nullptr ? std::string(word) : "reason_" + std::to_string(event.reason)));
    }
    put("vendor_code", json::string(std::to_string(event.reason)));
    if (kind == Kind::device_event)
        facts["values"] =
            "type=" + std::to_string(event.type) + " granted=" + (event.granted ? "1" : "0") + " direction=" + std::to_string(event.direction);
    if (!event.time) put("device_time_flawed", true);
}

} // namespace

Time to_utc(LocalTime time, std::chrono::minutes zone) { return Time(std::chrono::duration_cast<Duration>(time.time_since_epoch()) - zone); }

LocalTime to_local(Time time, std::chrono::minutes zone) {
    return LocalTime(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch() + zone));
}

Record record_of_event(const LoggedEvent& event, const DeviceInfo& device, std::chrono::minutes zone) {
    const auto* reason = reason_numbered(event.reason);
    const auto* outlet = outlet_of(device, event.door);
    Record record;
    record.kind = kind_of(event, reason);
    record.source = device.id;
    record.place = outlet != nullptr && !outlet->place.empty() ? outlet->place : device.place;
    if (event.time) record.happened_at = to_utc(*event.time, zone);
    if (event.type == type_swipe && event.card != 0) record.subject = "card:" + std::to_string(event.card);
    fill_facts(record.facts, record.kind, event, reason, direction_of(event, outlet));
    record.same_as =
        std::string(name_of(record.kind)) + "|" + (event.time ? to_text(*event.time) : "-") + "|" + std::to_string(event.door) + "|" + record.subject;
    return record;
}

std::string fingerprint_of(const LoggedEvent& event) {
    const auto text = std::to_string(event.type) + "|" + std::to_string(int{event.granted}) + "|" + std::to_string(event.door) + "|" +
                      std::to_string(event.direction) + "|" + (event.time ? to_text(*event.time) : "-") + "|" + std::to_string(event.reason);
    return to_hex(sha256(text)).substr(0, 16);
}

} // namespace gatehouse::drivers::uhppote
