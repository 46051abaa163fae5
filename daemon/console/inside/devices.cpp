// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/devices.hpp"

#include "daemon/console/desk.hpp"
#include "daemon/console/inside/diagnosis.hpp"
#include "daemon/console/inside/etag.hpp"
#include "daemon/console/inside/status.hpp"

namespace gatehouse::console::inside {

namespace {

constexpr std::size_t discovered_max = 1024;

const registry::Device* device_named(const Parts& parts, const std::string& id) {
    const auto found = parts.registry.devices().find(id);
    return found == parts.registry.devices().end() ? nullptr : &found->second;
}

net::HttpResponse no_such_device() { return problem("not-found", "no such device"); }

/// Of what a write changes; the device's state runs on, so that there is no 304.
std::string etag_of(const registry::Device& device) { return inside::etag_of(json::serialize(registry::to_json(device, true))); }

drivers::DeviceStatus status_of(const Parts& parts, const std::string& id) {
    const auto statuses = parts.device_statuses();
    const auto found = statuses.find(id);
    return found == statuses.end() ? drivers::DeviceStatus() : found->second;
}

net::HttpResponse device_answer(const Parts& parts, const registry::Device& device, int status) {
    auto object = registry::to_json(device, true);
    object["status"] = to_json(status_of(parts, device.info.id), true);
    auto response = json_answer(object, status);
    response.headers.emplace_back("ETag", etag_of(device));
    return response;
}

registry::By by_of(const Asking& asking) { return {std::string(auth::name_of(asking.role)), asking.by}; }

Task<net::HttpResponse> store_device(Parts& parts, const Asking& asking, registry::Device device, int status) {
    const auto id = device.info.id;
    auto noted = co_await note_act(parts, asking, Kind::audit_changed, "device " + id, 1);
    if (!noted) co_return problem_of(noted.error());
    auto put = co_await parts.registry.put_device(std::move(device), by_of(asking));
    if (!put) co_return put.error().fault() == Fault::gone ? problem("malformed", put.error().what()) : problem_of(put.error());
    const auto* stored = device_named(parts, id);
    if (stored == nullptr) co_return no_such_device();
    co_return device_answer(parts, *stored, status);
}

Record command_record(Parts& parts, const Asking& asking, Kind kind, const std::string& device, std::int64_t door) {
    Record record;
    record.kind = kind;
    record.heard_at = parts.clock.now();
    record.clock = parts.clock.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
    record.source = "gateway";
    record.facts = {{"command", "open"}, {"target", device}, {"door", door}, {"by_role", auth::name_of(asking.role)}};
    record.details["by"] = asking.by;
    return record;
}

} // namespace

Task<net::HttpResponse> get_devices(Parts& parts, const Asking&) {
    json::array array;
    const auto statuses = parts.device_statuses();
    for (const auto& [id, device] : parts.registry.devices()) {
        auto object = registry::to_json(device, true);
        const auto found = statuses.find(id);
        object["status"] = to_json(found == statuses.end() ? drivers::DeviceStatus() : found->second, true);
        array.push_back(std::move(object));
    }
    json::object answer{{"devices", std::move(array)}};
    co_return json_answer(answer);
}

Task<net::HttpResponse> get_device(Parts& parts, const Asking& asking) {
    const auto* device = device_named(parts, asking.parameters[0]);
    if (device == nullptr) co_return no_such_device();
    co_return device_answer(parts, *device, 200);
}

Task<net::HttpResponse> post_device(Parts& parts, const Asking& asking) {
    auto body = body_of(asking);
    if (!body) co_return problem_of(body.error());
    auto device = registry::read_device(*body);
    if (!device) co_return problem_of(device.error());
    const auto turn = co_await asking.desk.registry_turn.take();
    if (device_named(parts, device->info.id) != nullptr) co_return problem("refused", "a device of this id is registered already");
    co_return co_await store_device(parts, asking, std::move(*device), 201);
}

Task<net::HttpResponse> put_device(Parts& parts, const Asking& asking) {
    const auto turn = co_await asking.desk.registry_turn.take();
    const auto* present = device_named(parts, asking.parameters[0]);
    if (present == nullptr) co_return no_such_device();
    if (auto outdated = refuse_outdated(asking, etag_of(*present))) co_return std::move(*outdated);
    auto body = body_of(asking);
    if (!body) co_return problem_of(body.error());
    if (text_at(*body, "id").value_or(asking.parameters[0]) != asking.parameters[0])
        co_return problem("malformed", "id: another one than in the path; a device keeps its id");
    (*body)["id"] = asking.parameters[0];
    auto device = registry::read_device(*body);
    if (!device) co_return problem_of(device.error());
    // Answers never show the password, so who changes another field cannot send it back.
    if (!body->contains("password")) {
        device->info.password = present->info.password;
        device->next_password = present->next_password;
        device->password_is_ours = present->password_is_ours;
    }
    co_return co_await store_device(parts, asking, std::move(*device), 200);
}

Task<net::HttpResponse> delete_device(Parts& parts, const Asking& asking) {
    const auto id = asking.parameters[0];
    const auto turn = co_await asking.desk.registry_turn.take();
    const auto* present = device_named(parts, id);
    if (present == nullptr) co_return no_such_device();
    if (auto outdated = refuse_outdated(asking, etag_of(*present))) co_return std::move(*outdated);
    auto noted = co_await note_act(parts, asking, Kind::audit_changed, "device " + id, 1);
    if (!noted) co_return problem_of(noted.error());
    auto removed = co_await parts.registry.remove_device(id, by_of(asking));
    if (!removed) co_return problem_of(removed.error());
    net::HttpResponse nothing;
    nothing.status = 204;
    co_return nothing;
}

Task<net::HttpResponse> get_probe(Parts& parts, const Asking& asking) {
    const auto* device = device_named(parts, asking.parameters[0]);
    if (device == nullptr) co_return no_such_device();
    const auto status = status_of(parts, device->info.id);
    json::object answer{{"id", device->info.id},
                        {"address", net::to_text(device->info.address)},
                        {"status", to_json(status, true)},
                        {"diagnosis", to_json(diagnose(*device, status).front())}};
    co_return json_answer(answer);
}

Task<net::HttpResponse> open_once(Parts& parts, const Asking& asking, std::string id, std::int64_t door) {
    auto* doors = parts.doors_of(id);
    if (doors == nullptr) co_return problem("unreachable", "the device is not connected, or has no doors");
    // Neither is waited for: doors don't wait for disks.
    parts.store.hand_over(command_record(parts, asking, Kind::command_asked, id, door));
    auto opened = co_await doors->open(door);
    auto done = command_record(parts, asking, Kind::command_done, id, door);
    done.facts["outcome"] = opened ? "done" : "failed";
    if (!opened) done.facts["cause"] = gatehouse::name_of(opened.error().fault());
    parts.store.hand_over(std::move(done));
    if (!opened) co_return problem_of(opened.error());
    json::object answer{{"device", id}, {"door", door}, {"outcome", "done"}};
    co_return json_answer(answer);
}

Task<net::HttpResponse> post_open(Parts& parts, const Asking& asking) {
    auto body = body_of(asking);
    if (!body) co_return problem_of(body.error());
    const auto door = number_at(*body, "door").value_or(0);
    if (door < 1 || door > 255) co_return problem("malformed", "door: a number from 1 to 255 expected");
    const auto id = asking.parameters[0];
    if (device_named(parts, id) == nullptr) co_return no_such_device();
    const std::string key(net::header(asking.request.headers, "Idempotency-Key"));
    if (key.empty()) co_return co_await open_once(parts, asking, id, door);
    if (!is_idempotency_key(key)) co_return problem("malformed", "Idempotency-Key: 1 to 64 printable characters expected");
    auto& opened = asking.desk.opened;
    auto meeting = opened.meet(asking.by, key, id + "/" + std::to_string(door), parts.clock.steady_now());
    switch (meeting.met) {
    case OpenedDoors::Met::first: break;
    case OpenedDoors::Met::under_way: co_return problem("busy", "the same request is under way");
    case OpenedDoors::Met::repeated: co_return std::move(meeting.answer);
    case OpenedDoors::Met::other: co_return problem("refused", "this Idempotency-Key stood for another door");
    case OpenedDoors::Met::full: co_return problem("too-many", "too many door commands with a key within ten seconds");
    }
    auto answer = co_await open_once(parts, asking, id, door);
    opened.answered(asking.by, key, answer);
    co_return answer;
}

namespace {
Task<Done> note_rotation(Parts& parts, const Asking& asking, const std::string& id, std::string outcome) {
    auth::Act act;
    act.what = "password of device " + id;
    act.route = std::string(name_of(asking.route.verb)) + " " + std::string(asking.route.pattern);
    act.outcome = std::move(outcome);
    act.count = 1;
    act.role = asking.role;
    act.by = asking.by;
    co_return co_await parts.audit.write(Kind::audit_changed, std::move(act));
}
} // namespace

// Noted before the device hears of it, and again with what came of it.
Task<net::HttpResponse> post_password(Parts& parts, const Asking& asking) {
    const auto id = asking.parameters[0];
    if (device_named(parts, id) == nullptr) co_return no_such_device();
    if (!parts.rotate_password) co_return problem("unsupported", "no passwords can be changed here");
    const auto turn = co_await asking.desk.registry_turn.take();
    auto noted = co_await note_rotation(parts, asking, id, "asked");
    if (!noted) co_return problem_of(noted.error());
    registry::By by = by_of(asking);
    std::string device = id;
    auto rotated = co_await parts.rotate_password(std::move(device), std::move(by));
    std::string outcome(rotated ? std::string_view("done") : gatehouse::name_of(rotated.error().fault()));
    auto noted_end = co_await note_rotation(parts, asking, id, std::move(outcome));
    if (!rotated) co_return problem_of(rotated.error());
    if (!noted_end) co_return problem_of(noted_end.error());
    json::object answer{{"device", id}, {"outcome", "done"}};
    co_return json_answer(answer);
}

Task<net::HttpResponse> post_discover(Parts& parts, const Asking& asking) {
    std::string address;
    if (!asking.request.body.empty()) {
        auto body = body_of(asking);
        if (!body) co_return problem_of(body.error());
        address = text_at(*body, "address").value_or("");
    }
    auto found = co_await parts.discover(address);
    if (!found) co_return problem_of(found.error());
    json::array array;
    for (const auto& one : *found) {
        if (array.size() == discovered_max) break;
        json::object row{{"driver", one.driver}, {"address", one.address}, {"model", one.model}, {"serial", one.serial}, {"note", one.note}};
        std::string registered;
        for (const auto& [id, device] : parts.registry.devices()) {
            const bool is_same_serial = device.info.serial != 0 && std::to_string(device.info.serial) == one.serial;
            if (is_same_serial || one.address == net::to_text(device.info.address) || one.address == device.info.address.host) registered = id;
        }
        row["registered_as"] = registered;
        array.push_back(std::move(row));
    }
    json::object answer{{"found", std::move(array)}};
    co_return json_answer(answer);
}

Task<net::HttpResponse> get_places(Parts& parts, const Asking&) {
    json::array array;
    for (const auto& entry : parts.registry.places()) array.push_back(registry::to_json(entry.second));
    json::object answer{{"places", std::move(array)}};
    co_return json_answer(answer);
}

} // namespace gatehouse::console::inside
