// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/sights.hpp"

namespace gatehouse::pipelines {

namespace {

constexpr std::string_view covered = "covered";

Kind kind_of(const Saw& saw) {
    switch (saw.what) {
    case Sight::motion_started: return Kind::motion_started;
    case Sight::motion_ended: return Kind::motion_ended;
    case Sight::lost: return saw.name == covered ? Kind::camera_covered : Kind::alarm_raised;
    case Sight::person: return Kind::person_seen;
    case Sight::object: return Kind::device_event;
    case Sight::line_crossed: return Kind::perimeter_crossed;
    case Sight::dwell_reached:
    case Sight::wrong_way: return Kind::alarm_raised;
    case Sight::restored:
    case Sight::dwell_ended: return Kind::alarm_cleared;
    }
    return Kind::device_event;
}

std::string code_of(const Saw& saw) {
    switch (saw.what) {
    case Sight::lost:
    case Sight::restored: return "camera_" + saw.name;
    case Sight::object: return "object_seen";
    case Sight::dwell_reached:
    case Sight::dwell_ended: return "dwell";
    case Sight::line_crossed: return "line_crossed";
    case Sight::wrong_way: return "wrong_way";
    default: return "";
    }
}

bool is_state_of_camera(Kind kind) { return kind == Kind::motion_started || kind == Kind::motion_ended || kind == Kind::camera_covered; }

} // namespace

Record record_of(Saw saw, const std::string& camera, Record record) {
    record.kind = kind_of(saw);
    record.happened_at = saw.at;
    auto& facts = record.facts;
    if (is_state_of_camera(record.kind) || record.kind == Kind::person_seen) facts["camera"] = camera;
    if (is_state_of_camera(record.kind)) {
        facts["from"] = to_text(saw.since);
        if (record.kind == Kind::motion_ended) facts["to"] = to_text(saw.at);
    } else if (const auto code = code_of(saw); !code.empty()) {
        facts["code"] = code;
    }
    const bool has_place = saw.what != Sight::lost && saw.what != Sight::restored && saw.what != Sight::object && saw.what != Sight::person;
    if (has_place && !saw.name.empty()) facts["zone"] = saw.name;
    if (saw.what == Sight::object) facts["values"] = saw.name;
    if (!saw.picture.empty()) record.pictures.push_back({PictureRole::scene, std::make_shared<const Bytes>(std::move(saw.picture))});
    return record;
}

void drive(RecordingSwitch& recording, const Saw& saw) {
    const auto name = std::string(own_sights) + saw.name;
    switch (saw.what) {
    case Sight::motion_started: recording.hold(name); break;
    case Sight::motion_ended: recording.release(name); break;
    case Sight::restored:
    case Sight::dwell_ended: break;
    default: recording.pulse();
    }
}

void drive(RecordingSwitch& recording, const Record& record) {
    if (record.facts.contains("recovered")) return;
    const auto* channel = record.facts.if_contains("channel");
    const auto name = record.source + (channel == nullptr ? std::string() : " " + json::serialize(*channel));
    switch (record.kind) {
    case Kind::motion_started: recording.hold(name); return;
    case Kind::motion_ended: recording.release(name); return;
    case Kind::alarm_cleared:
    case Kind::fire_restored:
    case Kind::power_lost:
    case Kind::power_restored:
    case Kind::power_overload:
    case Kind::camera_covered: return;
    default: break;
    }
    const auto kept = spec_of(record.kind).kept;
    if (kept == RetentionClass::passage || kept == RetentionClass::vehicle || kept == RetentionClass::alarm) recording.pulse();
}

} // namespace gatehouse::pipelines
