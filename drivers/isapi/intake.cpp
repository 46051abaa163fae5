// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/intake.hpp"

#include "daemon/base/text.hpp"
#include "drivers/isapi/plate_text.hpp"
#include "drivers/supervisor.hpp"

#include <algorithm>

namespace gatehouse::drivers::isapi {

namespace {

constexpr std::size_t word_bytes_max = 64;
constexpr std::size_t raw_plate_bytes_max = 64;
constexpr std::size_t person_bytes_max = 32;

bool is_word(std::string_view text, std::size_t bytes_max, std::string_view more) {
    return !text.empty() && text.size() <= bytes_max && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || more.find(c) != std::string_view::npos;
    });
}

// Where the kind's schema has it, there it goes; a kind without such a field does without.
void put_value(Record& record, std::string_view name, json::value value) {
    const auto* field = field_of(spec_of(record.kind), name);
    if (field == nullptr) return;
    (field->personal ? record.details : record.facts)[name] = std::move(value);
}
void put(Record& record, std::string_view name, std::string_view text) {
    put_value(record, name, json::value(json::string_view(text.data(), text.size())));
}
void put(Record& record, std::string_view name, const std::string& text) { put(record, name, std::string_view(text)); }
void put(Record& record, std::string_view name, const char* text) { put(record, name, std::string_view(text)); } // else it would be a flag
void put(Record& record, std::string_view name, bool flag) { put_value(record, name, json::value(flag)); }
void put_number(Record& record, std::string_view name, std::optional<std::int64_t> value) {
    if (value) put_value(record, name, json::value(*value));
}
// Device words are kept when they are words: a free text can hold a name.
void put_word(Record& record, std::string_view name, std::string_view word) {
    if (is_word(word, word_bytes_max, "._-+ ")) put(record, name, word);
}

std::string known(std::string_view direction) { return direction == "in" || direction == "out" ? std::string(direction) : "unknown"; }
std::string turned(std::string_view direction) { return direction == "in" ? "out" : direction == "out" ? "in" : "unknown"; }

std::string number_text(std::optional<std::int64_t> number) { return number ? std::to_string(*number) : std::string(); }

std::string sameness(std::string_view kind, std::optional<Time> second, std::optional<std::int64_t> outlet, const std::string& subject) {
    return std::string(kind) + "|" + (second ? to_text(std::chrono::floor<std::chrono::seconds>(*second)) : "") + "|" + number_text(outlet) + "|" +
           subject;
}

// A plate camera's id of the event is of use only if it is one: constants such as "x" were met.
bool is_uuid(std::string_view text) {
    if (text.size() != 36 || !is_word(text, 36, "-")) return false;
    return text.find_first_not_of("0-") != std::string_view::npos;
}

bool is_old(const Taken& taken, Way way, ClockReading clock) {
    if (taken.replay) return true;
    if (way != Way::search) return false;
    if (!taken.record.happened_at) return true;
    const auto happened = *taken.record.happened_at - Duration(clock.offset_us.value_or(0));
    return taken.record.heard_at - happened > live_age_max;
}

} // namespace

Intake::Intake(const DeviceInfo& device, EventTable table) : device_(device), table_(std::move(table)) {
    const auto faces = device.options.find("faces");
    with_faces_ = faces != device.options.end() && faces->second == "yes";
}

const Outlet* Intake::outlet_of(std::optional<std::int64_t> number) const {
    const auto found =
        std::find_if(device_.outlets.begin(), device_.outlets.end(), [&](const Outlet& outlet) { return outlet.number == number.value_or(1); });
    return found == device_.outlets.end() ? nullptr : &*found;
}

Record Intake::record_at(Kind kind, const Alert& alert, Time heard_at, ClockReading clock, std::optional<std::int64_t> outlet) const {
    Record record = record_of(device_, kind, heard_at);
    if (const auto* there = outlet_of(outlet); there != nullptr && !there->place.empty()) record.place = there->place;
    record.happened_at = alert.time.at;
    if (clock.quality == ClockQuality::unsynced) {
        record.clock = ClockState::unsynced;
    } else if (clock.offset_us && std::abs(*clock.offset_us) > clock_offset_max.count()) {
        record.clock = ClockState::skewed;
        record.clock_offset_us = *clock.offset_us;
    }
    if (alert.time.flawed) put(record, "device_time_flawed", true);
    if (alert.text_replaced) put(record, "text_replaced", true);
    return record;
}

Taken Intake::take(Arrival arrival, Way way, Time heard_at, Instant now, ClockReading clock, std::uint32_t generation) {
    const Alert& alert = arrival.alert;
    Taken taken;
    taken.replay = alert.is_replay();
    taken.second = alert.time.second;
    if (alert.access) {
        take_access(taken, alert, heard_at, clock, generation);
    } else if (alert.anpr) {
        take_plate(taken, alert, heard_at, clock);
    } else {
        take_smart(taken, alert, heard_at, now, clock);
    }
    if (taken.what != Taken::What::record) return taken;
    if (is_old(taken, way, clock)) put(taken.record, "recovered", true);
    for (auto& picture : arrival.pictures)
        if (taken.record.pictures.size() < pictures_per_record_max) taken.record.pictures.push_back(Picture{picture.role, std::move(picture.bytes)});
    return taken;
}

void Intake::take_access(Taken& taken, const Alert& alert, Time heard_at, ClockReading clock, std::uint32_t generation) {
    const AccessEvent& event = *alert.access;
    const auto* row = table_.access_row(event.major, event.minor);
    // No table can make a grant of a pair that the vendor does not call one.
    if (row != nullptr && row->kind == Kind::pass_granted && !is_grant(event.major, event.minor)) row = nullptr;
    const std::string pair = std::to_string(event.major) + "/" + std::to_string(event.minor);
    const auto door = event.door ? event.door : event.reader; // a pass may come without its door
    Record record = record_at(row != nullptr ? row->kind : Kind::device_event, alert, heard_at, clock, door);

    put(record, "vendor_code", pair);
    put_number(record, "door", door);
    put_number(record, "reader", event.reader);
    if (row == nullptr) {
        put(record, "code", pair);
    } else {
        if (!row->method.empty()) put(record, "method", row->method);
        if (!row->reason.empty()) put(record, "reason", row->reason);
        for (const auto* field : {"code", "setting", "cause"})
            if (!row->code.empty()) put(record, field, row->code);
    }
    const auto* outlet = outlet_of(door);
    if (outlet != nullptr && event.reader) {
        // Reader 1 looks outward as the door's entry says, reader 2 stands on its other side.
        if (*event.reader == 1) put(record, "direction", known(outlet->forward));
        if (*event.reader == 2) put(record, "direction", turned(outlet->forward));
    }
    const bool has_person = is_word(event.person, person_bytes_max, "._-");
    const bool has_card = is_word(event.card, person_bytes_max, "") && event.card.find_first_not_of('0') != std::string::npos;
    if (has_person)
        record.subject = "person:" + event.person;
    else if (has_card)
        record.subject = "card:" + event.card;
    if (has_person) put(record, "person", event.person);
    if (has_card) put(record, "card", event.card);
    if (event.mask) put(record, "mask", *event.mask);

    taken.serial = event.serial;
    taken.front_serial = event.front_serial;
    if (event.serial) {
        record.device_key = DeviceKey{*event.serial, generation};
        record.same_as = sameness(name_of(record.kind), alert.time.second, door, record.subject);
    }
    taken.record = std::move(record);
}

void Intake::take_plate(Taken& taken, const Alert& alert, Time heard_at, ClockReading clock) {
    const Anpr& anpr = *alert.anpr;
    const auto plate = read_plate_text(anpr.plate);
    const auto* outlet = outlet_of(anpr.lane);
    std::string direction = "unknown";
    if (outlet != nullptr && anpr.direction == "forward") direction = known(outlet->forward);
    if (outlet != nullptr && anpr.direction == "reverse") direction = turned(outlet->forward);
    const auto list = list_of(anpr.list);
    const Kind kind = list == "block"      ? Kind::vehicle_refused
                      : direction == "in"  ? Kind::vehicle_entered
                      : direction == "out" ? Kind::vehicle_left
                                           : Kind::plate_read;
    Record record = record_at(kind, alert, heard_at, clock, anpr.lane);

    // The picture's time has milliseconds and is of the same clock.
    std::optional<Time> taken_at;
    for (const auto& picture : anpr.pictures)
        if (picture.taken_at && !taken_at) taken_at = picture.taken_at;
    const auto second = alert.time.second ? alert.time.second : taken_at;
    if (record.happened_at && taken_at &&
        std::chrono::floor<std::chrono::seconds>(*taken_at) == std::chrono::floor<std::chrono::seconds>(*record.happened_at))
        record.happened_at = taken_at;

    put_number(record, "lane", anpr.lane);
    put(record, "direction", direction);
    put(record, "read", !plate.plate.empty());
    if (anpr.confidence && *anpr.confidence >= 0 && *anpr.confidence <= 100) put_number(record, "confidence", anpr.confidence);
    const auto colour = plate_colour_of(anpr.plate_colour);
    put(record, "plate_colour", colour == "unknown" && !plate.colour.empty() ? std::string_view(plate.colour) : colour);
    put_word(record, "plate_type", anpr.plate_type);
    if (!anpr.vehicle_type.empty()) put(record, "vehicle_kind", vehicle_kind_of(anpr.vehicle_type));
    put_word(record, "vehicle_colour", anpr.vehicle_colour);
    put_number(record, "vehicle_brand", anpr.vehicle_brand);
    if (!list.empty()) put(record, "list", list);
    if (taken.replay && anpr.barrier) put(record, "barrier_opened", *anpr.barrier == 0);
    if (!plate.plate.empty()) {
        record.subject = "plate:" + plate.plate;
        const auto& raw = anpr.original.empty() ? anpr.plate : anpr.original;
        if (raw.size() <= raw_plate_bytes_max) put(record, "plate_as_read", raw);
        if (anpr.characters_confidence.size() <= word_bytes_max &&
            anpr.characters_confidence.find_first_not_of("0123456789,. ") == std::string::npos && !anpr.characters_confidence.empty())
            put(record, "characters_confidence", anpr.characters_confidence);
    }
    // The event's key is what every way of reading it yields: a search of the camera's memory knows no UUID. One lane passes one vehicle
    // a second at most.
    if (second) {
        const auto what = plate.plate.empty() ? std::string("unread") : plate.plate;
        const auto whole = std::chrono::floor<std::chrono::seconds>(*second);
        record.device_key = DeviceKey{what + "|" + number_text(anpr.lane) + "|" + to_text(Time(whole)), 0};
        record.same_as = sameness("vehicle", whole, anpr.lane, record.subject);
    } else if (is_uuid(alert.uuid)) {
        record.device_key = DeviceKey{lower(alert.uuid), 0};
        record.same_as = sameness("vehicle", std::nullopt, anpr.lane, record.subject);
    }
    taken.second = second;
    taken.plate = !plate.plate.empty();
    taken.record = std::move(record);
}

void Intake::take_smart(Taken& taken, const Alert& alert, Time heard_at, Instant now, ClockReading clock) {
    const std::string event = is_word(alert.event, word_bytes_max, "._-") ? alert.event : "unreadable";
    const std::string key = lower(event) + "|" + number_text(alert.channel) + "|" + number_text(alert.input);
    const auto change = states_.on(key, alert.active, now);
    // "videoloss, inactive" is how a camera says that it lives; it ends a loss only if there was one.
    if (alert.is_heartbeat() && change != ActiveStates::Change::ended) {
        taken.what = Taken::What::heartbeat;
        return;
    }
    const auto* row = table_.smart_row(alert.event);
    if (row != nullptr && row->only_with_faces && !with_faces_) {
        taken.what = Taken::What::dropped;
        return;
    }
    if (change == ActiveStates::Change::goes_on || change == ActiveStates::Change::nothing) {
        taken.what = Taken::What::goes_on;
        return;
    }
    const bool began = change == ActiveStates::Change::began;
    const std::string code = row != nullptr ? row->code : event;
    std::optional<Kind> kind = row != nullptr ? row->began : Kind::device_event;
    if (began && row != nullptr && row->ended && !taken.replay) lasting_[key] = Lasting{*row->ended, code, event, alert.channel, alert.input};
    if (!began) {
        lasting_.erase(key);
        if (row != nullptr) kind = row->ended;
        if (!kind) {
            taken.what = Taken::What::goes_on;
            return;
        }
    }
    Record record = record_at(*kind, alert, heard_at, clock, std::nullopt);
    record.place = device_.place;
    put(record, "vendor_code", event);
    put_number(record, "channel", alert.channel);
    put_number(record, "input", alert.input);
    put(record, "code", code);
    put(record, "cause", code);
    if (record.kind == Kind::device_event) put(record, "state", began ? "active" : "inactive");
    taken.record = std::move(record);
}

std::vector<Record> Intake::expire(Time heard_at, Instant now, ClockReading clock) {
    std::vector<Record> ends;
    for (const auto& key : states_.expire(now)) {
        const auto found = lasting_.find(key);
        if (found == lasting_.end()) continue;
        const Lasting over = std::move(found->second);
        lasting_.erase(found);
        Alert none; // the device said nothing, so it stated no time
        Record record = record_at(over.ended, none, heard_at, clock, std::nullopt);
        record.place = device_.place;
        put(record, "vendor_code", over.event);
        put_number(record, "channel", over.channel);
        put_number(record, "input", over.input);
        put(record, "code", over.code);
        put(record, "cause", over.code);
        ends.push_back(std::move(record));
    }
    return ends;
}

} // namespace gatehouse::drivers::isapi
