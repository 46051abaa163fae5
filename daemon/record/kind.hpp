// SPDX-License-Identifier: Apache-2.0
//
// What can happen: every kind with its schema. One table (kind.cpp, with the enumerations of code_tables.hpp) from which JSON checks, the schemas
// that platforms read, lane membership and retention classes come. Kinds are dotted and past tense, e.g. "pass.granted".
#pragma once

#include "daemon/base/result.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace gatehouse {

enum class Kind {
    pass_granted,
    pass_denied,
    door_opened,
    door_closed,
    door_forced,
    door_held,
    button_pressed,
    vehicle_entered,
    vehicle_left,
    vehicle_refused,
    plate_read,
    face_captured,
    person_seen,
    motion_started,
    motion_ended,
    camera_lost,
    camera_restored,
    camera_covered,
    recording_gap,
    fire_alarm,
    fire_fault,
    fire_restored,
    gas_alarm,
    water_alarm,
    power_reading,
    power_overload,
    power_lost,
    power_restored,
    sensor_reading,
    alarm_raised,
    alarm_cleared,
    tamper_raised,
    panic_pressed,
    duress_raised,
    perimeter_crossed,
    object_thrown,
    ebike_in_lift,
    lift_trapped,
    call_started,
    call_ended,
    patrol_checked,
    device_online,
    device_offline,
    device_dark,
    device_event,
    device_changed,
    clock_skewed,
    gap,
    command_asked,
    command_done,
    registry_changed,
    incident_changed,
    oversight_changed,
    subject_erased,
    upstream_changed,
    upstream_refused,
    audit_read,
    audit_exported,
    audit_changed,
    gateway_started,
    gateway_stopped,
    digest,
};

/// The lane of an upstream a kind belongs to; it follows from the kind alone (design §7). Pictures have a lane of their own.
enum class Lane { urgent, routine, pictures };
std::string_view name_of(Lane lane);
std::optional<Lane> lane_named(std::string_view name);

/// Which retention rule a kind falls under; floors and ceilings per class are settings.
enum class RetentionClass { passage, vehicle, alarm, device, audit, system };
std::string_view name_of(RetentionClass kept);
std::optional<RetentionClass> retention_class_named(std::string_view name);

enum class FieldType { text, whole, real, flag, code, list };

/// One value of an enumeration, in the terms of the field.
struct CodeSpec {
    std::string_view code, title_zh, title_en;
    std::string_view gat1400 = {}; ///< its code in GA/T 1400.3; empty: it has none, or none that is sure
};

/// An enumeration (code_tables.hpp).
struct CodeTable {
    std::string_view name, title_zh, title_en;
    std::span<const CodeSpec> codes;
    bool has(std::string_view code) const;
};

/// What a text is made of. Schemas say so; check_record() does not look.
enum class TextForm { free, time, uuid, sha256, base64 };

/// One member of facts or details.
struct FieldSpec {
    std::string_view name;
    FieldType type = FieldType::text;
    bool personal = false;     ///< true: lives in details and can be erased; false: lives in facts
    std::string_view title_zh; ///< for schemas and screens
    std::string_view title_en;
    const CodeTable* codes = nullptr; ///< FieldType::code: the allowed values
    TextForm form = TextForm::free;
};

struct KindSpec {
    Kind kind;
    std::string_view name;     ///< "pass.granted"
    std::string_view title_zh; ///< "通行放行"
    std::string_view title_en; ///< "pass granted"
    Lane lane;
    RetentionClass kept;
    std::span<const FieldSpec> fields;
};

std::span<const KindSpec> all_kinds(); ///< in the order of the enumeration
const KindSpec& spec_of(Kind kind);
inline std::string_view name_of(Kind kind) { return spec_of(kind).name; }
std::optional<Kind> kind_named(std::string_view name);
const FieldSpec* field_of(const KindSpec& spec, std::string_view name);

} // namespace gatehouse
