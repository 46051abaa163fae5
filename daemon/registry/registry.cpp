// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/registry.hpp"

#include "daemon/base/text.hpp"

namespace gatehouse::registry {

namespace {
constexpr std::size_t devices_max = 256;
constexpr std::size_t places_max = 4096;
} // namespace

Registry::Registry(store::Store& store, Key field_key, Clock& clock, Entropy& entropy)
    : store_(store), field_key_(field_key), clock_(clock), entropy_(entropy) {}

Task<Done> Registry::load() {
    auto place_rows = co_await store_.registry_rows("place", std::nullopt);
    if (!place_rows) co_return std::move(place_rows).error().during("loading places");
    for (const auto& row : *place_rows) {
        auto parsed = parse_json(row.body);
        if (!parsed || !parsed->is_object()) co_return Error(Fault::damaged, "place row " + row.id + " is no JSON object");
        auto place = read_place(parsed->get_object());
        if (!place) co_return std::move(place).error();
        places_.insert_or_assign(row.id, std::move(*place));
    }
    auto device_rows = co_await store_.registry_rows("device", std::nullopt);
    if (!device_rows) co_return std::move(device_rows).error().during("loading devices");
    for (const auto& row : *device_rows) {
        auto device = from_row(row.body, field_key_);
        if (!device) co_return std::move(device).error();
        devices_.insert_or_assign(row.id, std::move(*device));
    }
    co_return Done();
}

Record Registry::change_record(std::string_view what, const std::string& id, std::string_view action, json::object values, const By& by) const {
    Record record;
    record.kind = Kind::registry_changed;
    record.heard_at = clock_.now();
    record.clock = clock_.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
    record.source = "gateway";
    record.facts = {{"what", what}, {"action", action}, {"id", id}, {"by_role", by.role}};
    if (!values.empty()) record.facts["values"] = json::serialize(values);
    if (!by.name.empty()) record.details["by"] = by.name;
    return record;
}

Task<Done> Registry::put_place(Place place, By by) {
    if (!place.parent.empty() && !places_.contains(place.parent)) co_return Error(Fault::gone, "place " + place.id + ": no parent " + place.parent);
    const auto known = places_.find(place.id);
    if (known == places_.end() && places_.size() >= places_max) co_return Error(Fault::full, "more than " + std::to_string(places_max) + " places");
    if (known != places_.end() && known->second == place) co_return Done();
    const auto row = to_json(place);
    auto record = change_record("place", place.id, known == places_.end() ? "added" : "changed", row, by);
    auto stored = co_await store_.put_registry_row("place", place.id, json::serialize(row), std::move(record));
    if (!stored) co_return std::move(stored).error();
    places_.insert_or_assign(place.id, std::move(place));
    changed_.set();
    co_return Done();
}

Task<Done> Registry::remove_place(std::string id, By by) {
    if (!places_.contains(id)) co_return Error(Fault::gone, "no place " + id);
    for (const auto& [other, place] : places_)
        if (place.parent == id) co_return Error(Fault::refused, "place " + id + ": " + other + " is within it");
    for (const auto& [device, known] : devices_) {
        bool stands_there = known.info.place == id;
        for (const auto& outlet : known.info.outlets) stands_there = stands_there || outlet.place == id;
        if (stands_there) co_return Error(Fault::refused, "place " + id + ": " + device + " stands there");
    }
    auto record = change_record("place", id, "removed", json::object(), by);
    auto closed = co_await store_.close_registry_row("place", id, std::move(record));
    if (closed.has_error()) co_return closed;
    places_.erase(id);
    changed_.set();
    co_return Done();
}

Task<Done> Registry::put_device(Device device, By by) {
    const auto& id = device.info.id;
    if (!device.info.place.empty() && !places_.contains(device.info.place))
        co_return Error(Fault::gone, "device " + id + ": no place " + device.info.place);
    for (const auto& outlet : device.info.outlets)
        if (!outlet.place.empty() && !places_.contains(outlet.place)) co_return Error(Fault::gone, "device " + id + ": no place " + outlet.place);
    const auto known = devices_.find(id);
    if (known == devices_.end() && devices_.size() >= devices_max)
        co_return Error(Fault::full, "more than " + std::to_string(devices_max) + " devices");
    const auto shown = to_json(device, true);
    if (known != devices_.end() && to_json(known->second, true) == shown && known->second.info.password == device.info.password &&
        known->second.next_password == device.next_password)
        co_return Done();
    // The record goes up to whoever is entitled to registry.changed: it says what changed, not how to reach or enter the device.
    auto record = change_record("device", id, known == devices_.end() ? "added" : "changed", to_json(device, false), by);
    auto stored = co_await store_.put_registry_row("device", id, to_row(device, field_key_, entropy_), std::move(record));
    if (!stored) co_return std::move(stored).error();
    const std::string key = id;
    devices_.insert_or_assign(key, std::move(device));
    changed_.set();
    co_return Done();
}

Task<Done> Registry::remove_device(std::string id, By by) {
    if (!devices_.contains(id)) co_return Error(Fault::gone, "no device " + id);
    auto record = change_record("device", id, "removed", json::object(), by);
    auto closed = co_await store_.close_registry_row("device", id, std::move(record));
    if (!closed) co_return closed;
    devices_.erase(id);
    changed_.set();
    co_return Done();
}

Task<Result<json::array>> Registry::snapshot(std::string row_class, std::uint64_t as_of) {
    const bool places = row_class == "places";
    if (!places && row_class != "devices") co_return Error(Fault::unsupported, "no class '" + cut_utf8(row_class, 32) + "': places or devices");
    auto rows = co_await store_.registry_rows(places ? "place" : "device", as_of);
    if (!rows) co_return std::move(rows).error();
    json::array items;
    for (const auto& row : *rows) {
        json::object item;
        if (places) {
            auto parsed = parse_json(row.body);
            if (!parsed || !parsed->is_object()) co_return Error(Fault::damaged, "place row " + row.id);
            item = parsed->get_object();
        } else {
            auto device = from_row(row.body, field_key_);
            if (!device) co_return std::move(device).error();
            item = to_json(*device, false);
        }
        item["version"] = row.version;
        items.push_back(std::move(item));
    }
    co_return items;
}

json::object Registry::catalogue(const std::function<std::string(const std::string&)>& state_of) const {
    json::array places;
    for (const auto& [id, place] : places_) places.push_back(to_json(place));
    json::array devices;
    for (const auto& [id, device] : devices_) {
        auto shown = to_json(device, false);
        if (const auto state = state_of(id); !state.empty()) shown["state"] = state;
        devices.push_back(std::move(shown));
    }
    return {{"places", std::move(places)}, {"devices", std::move(devices)}};
}

} // namespace gatehouse::registry
