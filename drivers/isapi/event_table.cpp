// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/event_table.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::drivers::isapi {

namespace {

constexpr std::array<std::int64_t, 19> grants{1, 2, 16, 34, 38, 40, 43, 46, 54, 57, 60, 63, 66, 69, 72, 75, 77, 101, 105}; // of major 5

AccessRow granted(std::int64_t minor, std::string method) { return {5, minor, minor, Kind::pass_granted, std::move(method), "granted", {}}; }
AccessRow denied(std::int64_t minor, std::string method, std::string reason) {
    return {5, minor, minor, Kind::pass_denied, std::move(method), std::move(reason), {}};
}
AccessRow told(std::int64_t major, std::int64_t first, std::int64_t last, Kind kind, std::string code) {
    return {major, first, last, kind, {}, {}, std::move(code)};
}

// pass, fail, timeout: three minors in a row.
void add_three(std::vector<AccessRow>& rows, std::int64_t first, const std::string& method) {
    rows.push_back(granted(first, method));
    rows.push_back(denied(first + 1, method, "mismatch"));
    rows.push_back(denied(first + 2, method, "timed_out"));
}

std::vector<AccessRow> access_rows() {
    std::vector<AccessRow> rows{
        granted(1, "card"),
        granted(2, "card_pin"),
        denied(3, "card_pin", "wrong_pin"),
        denied(4, "card_pin", "timed_out"),
        denied(5, "card_pin", "too_many_tries"),
        denied(6, "card", "no_right"),
        denied(7, "card", "outside_time_plan"),
        denied(8, "card", "expired"),
        denied(9, "card", "unknown_credential"),
        denied(10, "card", "anti_passback"),
        denied(11, "card", "interlock"),
        denied(12, "multi_card", "multi_card"),
        denied(13, "multi_card", "outside_time_plan"),
        denied(14, "multi_card", "super_pin"),
        denied(15, "multi_card", "remote"),
        granted(16, "multi_card"),
        told(5, 17, 17, Kind::device_event, "first_card_open_began"),
        told(5, 18, 18, Kind::device_event, "first_card_open_ended"),
        told(5, 19, 19, Kind::device_event, "always_open_began"),
        told(5, 20, 20, Kind::device_event, "always_open_ended"),
        // The lock's relay, not the door's leaf: whether anybody opened it says the contact, 25 to 28.
        told(5, 21, 21, Kind::device_event, "lock_opened"),
        told(5, 22, 22, Kind::device_event, "lock_closed"),
        {5, 23, 23, Kind::button_pressed, "button", {}, {}},
        told(5, 24, 24, Kind::device_event, "button_released"),
        told(5, 25, 25, Kind::door_opened, {}),
        told(5, 26, 26, Kind::door_closed, {}),
        told(5, 27, 27, Kind::door_forced, {}),
        told(5, 28, 28, Kind::door_held, {}),
        told(5, 29, 29, Kind::device_event, "alarm_output_on"),
        told(5, 30, 30, Kind::device_event, "alarm_output_off"),
        told(5, 31, 31, Kind::device_event, "always_closed_began"),
        told(5, 32, 32, Kind::device_event, "always_closed_ended"),
        told(5, 33, 33, Kind::device_event, "remote_open_needed"),
        granted(34, "super_pin"),
        denied(35, "multi_card", "multi_card"),
        denied(36, "multi_card", "timed_out"),
        told(5, 37, 37, Kind::call_started, {}),
        granted(38, "fingerprint"),
        denied(39, "fingerprint", "mismatch"),
        denied(49, "fingerprint", "not_enrolled"),
        told(5, 50, 50, Kind::device_event, "platform_verification"),
        told(5, 51, 51, Kind::call_started, {}),
        told(5, 52, 52, Kind::fire_alarm, "fire_relay"),
        told(5, 53, 53, Kind::fire_restored, "fire_relay"),
        granted(75, "face"),
        denied(76, "face", "mismatch"),
        denied(80, "face", "mismatch"),
        told(5, 83, 93, Kind::alarm_raised, "door_wiring"),
        denied(104, "face", "liveness_failed"),
        granted(105, "id_card"),
        denied(112, "id_card", "mismatch"),
        denied(113, "id_card", "block_list"),
        denied(117, "unknown", "door_dormant"),
        denied(130, "unknown", "door_closed_mode"),
        denied(132, "unknown", "door_closed_mode"),
        denied(151, "pin", "wrong_pin"),
        told(1, 1028, 1028, Kind::tamper_raised, "device_opened"),
        told(1, 1030, 1030, Kind::tamper_raised, "reader_opened"),
        told(1, 1034, 1034, Kind::duress_raised, "duress"),
        told(1, 1036, 1036, Kind::alarm_raised, "too_many_tries"),
        told(2, 38, 38, Kind::device_event, "address_conflict"),
        told(2, 39, 39, Kind::device_event, "network_lost"),
        told(2, 1024, 1024, Kind::device_event, "power_on"),
        told(2, 1025, 1025, Kind::device_event, "power_off"),
        told(2, 1027, 1027, Kind::alarm_raised, "battery_low"),
        told(2, 1028, 1028, Kind::alarm_cleared, "battery_low"),
        told(2, 1029, 1029, Kind::power_lost, "mains"),
        told(2, 1030, 1030, Kind::power_restored, "mains"),
        told(2, 1031, 1031, Kind::device_event, "network_back"),
        told(2, 1033, 1033, Kind::alarm_raised, "reader_offline"),
        told(2, 1034, 1034, Kind::alarm_cleared, "reader_offline"),
        told(3, 80, 80, Kind::device_event, "local_login"),
        told(3, 90, 90, Kind::device_event, "local_upgrade"),
        told(3, 112, 112, Kind::device_event, "remote_login"),
        told(3, 113, 113, Kind::device_event, "remote_logout"),
        told(3, 121, 121, Kind::device_event, "armed"),
        told(3, 122, 122, Kind::device_event, "disarmed"),
        told(3, 123, 123, Kind::device_event, "rebooted"),
        told(3, 126, 126, Kind::device_event, "upgraded"),
        told(3, 1024, 1024, Kind::device_event, "remote_open"),
        told(3, 1025, 1025, Kind::device_event, "remote_close"),
        told(3, 1026, 1026, Kind::device_event, "remote_always_open"),
        told(3, 1027, 1027, Kind::device_event, "remote_always_closed"),
        told(3, 1028, 1028, Kind::device_changed, "clock"), // the device's times may jump here
        told(3, 1029, 1029, Kind::device_changed, "clock_by_ntp"),
        told(3, 1030, 1030, Kind::device_changed, "cards_cleared"),
        told(3, 1031, 1031, Kind::device_changed, "restored"),
    };
    add_three(rows, 40, "card_fingerprint");
    add_three(rows, 43, "card_fingerprint"); // with a PIN too: our terms have none of their own for the three together
    add_three(rows, 46, "fingerprint");      // and a PIN
    add_three(rows, 54, "face_fingerprint");
    add_three(rows, 57, "face_pin");
    add_three(rows, 60, "card_face");
    add_three(rows, 63, "face_pin_fingerprint");
    add_three(rows, 66, "card_face_fingerprint");
    add_three(rows, 69, "employee_fingerprint");
    add_three(rows, 72, "employee_fingerprint"); // and a PIN
    add_three(rows, 77, "employee_face");
    add_three(rows, 101, "employee_pin");
    return rows;
}

std::vector<SmartRow> smart_rows() {
    return {
        {"VMD", Kind::motion_started, Kind::motion_ended, "motion"},
        {"videomotion", Kind::motion_started, Kind::motion_ended, "motion"},
        {"linedetection", Kind::perimeter_crossed, std::nullopt, "line"},
        {"fielddetection", Kind::perimeter_crossed, std::nullopt, "field"},
        {"regionEntrance", Kind::perimeter_crossed, std::nullopt, "region_entered"},
        {"regionExiting", Kind::perimeter_crossed, std::nullopt, "region_left"},
        {"shelteralarm", Kind::camera_covered, std::nullopt, "covered"},
        {"tamperdetection", Kind::camera_covered, std::nullopt, "covered"},
        {"scenechangedetection", Kind::camera_covered, std::nullopt, "scene_changed"},
        {"defocus", Kind::camera_covered, std::nullopt, "defocused"},
        {"videoloss", Kind::camera_lost, Kind::camera_restored, "video_lost"},
        {"IO", Kind::alarm_raised, Kind::alarm_cleared, "input"},
        {"PIR", Kind::alarm_raised, Kind::alarm_cleared, "pir"},
        {"diskfull", Kind::alarm_raised, Kind::alarm_cleared, "disk_full"},
        {"diskerror", Kind::alarm_raised, Kind::alarm_cleared, "disk_error"},
        {"nicbroken", Kind::alarm_raised, Kind::alarm_cleared, "network_broken"},
        {"ipconflict", Kind::alarm_raised, Kind::alarm_cleared, "address_conflict"},
        {"illaccess", Kind::alarm_raised, std::nullopt, "illegal_login"},
        {"fireDetection", Kind::fire_alarm, Kind::fire_restored, "fire_seen"},
        {"smokeDetection", Kind::fire_alarm, Kind::fire_restored, "smoke_seen"},
        {"smokeAndFireDetection", Kind::fire_alarm, Kind::fire_restored, "smoke_and_fire_seen"},
        {"facedetection", Kind::face_captured, std::nullopt, "face", true},
        {"faceSnap", Kind::face_captured, std::nullopt, "face", true},
        {"faceCapture", Kind::face_captured, std::nullopt, "face", true},
    };
}

} // namespace

const AccessRow* EventTable::access_row(std::int64_t major, std::int64_t minor) const {
    const auto found =
        std::find_if(access.begin(), access.end(), [&](const AccessRow& r) { return r.major == major && r.first <= minor && minor <= r.last; });
    return found == access.end() ? nullptr : &*found;
}

const SmartRow* EventTable::smart_row(std::string_view event) const {
    const auto found = std::find_if(smart.begin(), smart.end(), [&](const SmartRow& row) { return same_but_case(row.event, event); });
    return found == smart.end() ? nullptr : &*found;
}

EventTable built_in_events() { return {access_rows(), smart_rows()}; }

bool is_grant(std::int64_t major, std::int64_t minor) { return major == 5 && std::find(grants.begin(), grants.end(), minor) != grants.end(); }

} // namespace gatehouse::drivers::isapi
