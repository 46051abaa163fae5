// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/status.hpp"

namespace gatehouse::console::inside {

namespace {

json::object lane_to_json(const sync::LaneStatus& lane) {
    return {{"lane", name_of(lane.lane)},
            {"settled", lane.settled},
            {"member", lane.member},
            {"sent", lane.sent},
            {"waiting", lane.waiting},
            {"oldest", time_or_null(lane.oldest)},
            {"published", lane.published},
            {"receipted", lane.receipted},
            {"resent", lane.resent},
            {"refused", lane.refused},
            {"receipts_refused", lane.receipts_refused},
            {"per_s", lane.per_s}};
}

json::object disk_of(Parts& parts, const std::optional<store::RetentionReport>& retention) {
    const auto status = parts.store.status();
    json::object disk{
        {"state", name_of(status.disk)}, {"fault", status.fault}, {"database_bytes", status.database_bytes}, {"free_bytes", status.free_bytes}};
    disk["hours_left"] = retention && retention->hours_left ? json::value(*retention->hours_left) : json::value(nullptr);
    disk["floor_breaks_at"] = retention ? time_or_null(retention->floor_breaks_at) : json::value(nullptr);
    return disk;
}

json::object log_of(Parts& parts) {
    const auto status = parts.store.status();
    return {{"records", status.records},
            {"oldest_position", status.oldest_position},
            {"waiting_records", status.waiting_records},
            {"waiting_bytes", status.waiting_bytes},
            {"commits", status.commits},
            {"repeats", status.repeats},
            {"conflicts", status.conflicts},
            {"refused", status.refused}};
}

json::array devices_of(Parts& parts, bool with_cause) {
    json::array devices;
    const auto statuses = parts.device_statuses();
    for (const auto& [id, device] : parts.registry.devices()) {
        json::object row{
            {"id", id}, {"name", device.name}, {"driver", device.info.driver}, {"model", device.info.model}, {"place", device.info.place}};
        const auto found = statuses.find(id);
        const auto seen = found == statuses.end() ? drivers::DeviceStatus() : found->second;
        for (auto& member : to_json(seen, with_cause)) row.insert_or_assign(member.key(), member.value());
        devices.push_back(std::move(row));
    }
    return devices;
}

} // namespace

std::string_view name_of(drivers::DeviceStatus::State state) {
    using State = drivers::DeviceStatus::State;
    switch (state) {
    case State::connecting: return "connecting";
    case State::online: return "online";
    case State::offline: return "offline";
    case State::refused: return "refused";
    }
    return "connecting";
}

std::string_view name_of(sync::UpstreamStatus::State state) {
    using State = sync::UpstreamStatus::State;
    switch (state) {
    case State::connecting: return "connecting";
    case State::online: return "online";
    case State::offline: return "offline";
    case State::conflict: return "conflict";
    }
    return "connecting";
}

std::string_view name_of(store::DiskState state) {
    switch (state) {
    case store::DiskState::sound: return "sound";
    case store::DiskState::suspect: return "suspect";
    case store::DiskState::failed: return "failed";
    }
    return "failed";
}

json::object to_json(const drivers::DeviceStatus& status, bool with_cause) {
    json::object object{{"state", name_of(status.state)}, {"heard_at", time_or_null(status.heard_at)},
                        {"events", status.events},        {"repeats", status.repeats},
                        {"malformed", status.malformed},  {"oversize", status.oversize},
                        {"recovered", status.recovered},  {"lost", status.lost}};
    object["clock_offset_ms"] = status.clock_offset_us ? json::value(*status.clock_offset_us / 1000) : json::value(nullptr);
    if (!with_cause) return object;
    object["firmware"] = status.firmware;
    object["fault"] = status.fault;
    return object;
}

json::object to_json(const sync::UpstreamStatus& status, bool with_cause) {
    json::array lanes;
    for (const auto& lane : status.lanes) lanes.push_back(lane_to_json(lane));
    json::object object{{"name", status.name},
                        {"kind", status.kind},
                        {"state", name_of(status.state)},
                        {"since", time_or_null(status.since)},
                        {"lanes", std::move(lanes)},
                        {"requests_answered", status.requests_answered},
                        {"requests_refused", status.requests_refused}};
    if (!with_cause) return object;
    object["fault"] = status.fault;
    json::array warnings;
    for (const auto& warning : status.warnings) warnings.push_back({{"code", warning.code}, {"zh", warning.zh}, {"en", warning.en}});
    object["warnings"] = std::move(warnings);
    return object;
}

Task<json::object> status_of(Parts& parts, bool devices_too, bool upstreams_too) {
    auto report = co_await parts.admin.retention_report();
    std::optional<store::RetentionReport> retention;
    if (report) retention = std::move(*report);
    const auto head = parts.store.head();
    const auto now = parts.clock.now();
    json::array upstreams;
    for (const auto* upstream : parts.upstreams()) upstreams.push_back(to_json(upstream->status(), upstreams_too));
    json::object status{{"gateway", parts.gateway},
                        {"compound", parts.compound},
                        {"version", parts.version},
                        {"instance", parts.instance},
                        {"epoch", head.epoch},
                        {"epoch_first", head.epoch_first},
                        {"head", head.position},
                        {"at", to_text(now)},
                        {"started_at", to_text(parts.started)},
                        {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(now - parts.started).count()},
                        {"clock", parts.clock.quality() == ClockQuality::synced ? "synced" : "unsynced"},
                        {"disk", disk_of(parts, retention)},
                        {"log", log_of(parts)},
                        {"devices", devices_of(parts, devices_too)},
                        {"upstreams", std::move(upstreams)}};
    co_return status;
}

Task<net::HttpResponse> get_status(Parts& parts, const Asking& asking) {
    auto status = co_await status_of(parts, asking.may(auth::May::see_devices), asking.may(auth::May::see_upstreams));
    co_return json_answer(std::move(status));
}

Task<net::HttpResponse> get_livez(Parts&, const Asking&) { co_return text_answer("alive\n", "text/plain; charset=utf-8"); }

Task<net::HttpResponse> get_readyz(Parts& parts, const Asking&) {
    const auto status = parts.store.status();
    if (status.disk != store::DiskState::sound) co_return problem("busy", "the disk is " + std::string(name_of(status.disk)));
    co_return text_answer("ready\n", "text/plain; charset=utf-8");
}

} // namespace gatehouse::console::inside
