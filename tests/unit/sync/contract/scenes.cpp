// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sync/contract/scenes.hpp"

namespace gatehouse::golden {

namespace {

constexpr std::string_view isapi_access = "ISAPI AccessControllerEvent, as tests/golden/isapi/access.json";
constexpr std::string_view isapi_anpr = "ISAPI ANPR, as tests/golden/isapi/anpr.xml";
constexpr std::string_view isapi_smart = "ISAPI EventNotificationAlert, as tests/golden/isapi/motion.xml";
constexpr std::string_view uhppote = "UHPPOTE event, as tests/golden/uhppote/get_event.hex";
constexpr std::string_view ours = "the gateway's own";
constexpr std::string_view later = "no driver of this version: values synthetic, terms of GB/T 28181 and compound platforms";

std::vector<Scene> make_scenes() {
    return {
        {"gateway.started", Kind::gateway_started, "gateway", "",
         R"({"version":"0.1.0","epoch":"0192f5c4-0000-7000-8000-000000000001","head":1,"cause":"start"})", "", "", ours},
        {"device.online", Kind::device_online, "face-1", "door-1", R"({"firmware":"V3.2.30 build 210401"})", "", "", "ISAPI deviceInfo"},
        {"pass.granted",
         Kind::pass_granted,
         "face-1",
         "door-1",
         R"({"vendor_code":"5/75","door":1,"reader":1,"method":"face","reason":"granted","direction":"in"})",
         "person:30112",
         R"({"person":"30112","mask":false})",
         isapi_access,
         "a face known at a terminal, with pictures",
         ClockState::synced,
         0,
         {PictureRole::face, PictureRole::scene}},
        {"pass.denied", Kind::pass_denied, "ctl-1", "door-2",
         R"({"door":2,"reader":1,"direction":"in","method":"card","reason":"no_right","vendor_code":"6"})", "card:10058400", "", uhppote},
        {"door.opened", Kind::door_opened, "ctl-1", "door-2", R"({"door":2,"vendor_code":"23"})", "", "", uhppote},
        {"door.closed", Kind::door_closed, "ctl-1", "door-2", R"({"door":2,"vendor_code":"24"})", "", "", uhppote},
        {"door.forced", Kind::door_forced, "ctl-1", "door-2", R"({"door":2,"vendor_code":"38"})", "", "", uhppote},
        {"door.held", Kind::door_held, "ctl-1", "door-2", R"({"door":2,"vendor_code":"37"})", "", "", uhppote},
        {"button.pressed", Kind::button_pressed, "ctl-1", "door-2", R"({"door":2,"method":"button","reason":"granted","vendor_code":"20"})", "", "",
         uhppote},
        {"vehicle.entered",
         Kind::vehicle_entered,
         "cam-1",
         "gate-1",
         R"({"lane":1,"direction":"in","confidence":97,"plate_colour":"blue","plate_type":"92TypeCivil","vehicle_kind":"car","vehicle_colour":"white","list":"allow","read":true,"barrier_opened":true})",
         "plate:浙A12345",
         R"({"characters_confidence":"99,97,98,96,99,97,98"})",
         isapi_anpr,
         "a resident's car, with pictures",
         ClockState::synced,
         0,
         {PictureRole::scene, PictureRole::plate}},
        {"vehicle.left", Kind::vehicle_left, "cam-2", "gate-1",
         R"({"lane":2,"direction":"out","confidence":95,"plate_colour":"green","vehicle_kind":"suv_mpv","list":"temporary","read":true})",
         "plate:浙AD12345", R"({"plate_as_read":"浙AD12345"})", isapi_anpr},
        {"vehicle.refused", Kind::vehicle_refused, "cam-1", "gate-1",
         R"({"lane":1,"direction":"in","confidence":91,"plate_colour":"yellow","vehicle_kind":"truck","list":"none","read":true,"barrier_opened":false})",
         "plate:浙B67890", "", isapi_anpr},
        {"plate.read", Kind::plate_read, "cam-1", "gate-1",
         R"({"lane":1,"direction":"unknown","confidence":0,"plate_colour":"unknown","read":false})", "", R"({"plate_as_read":"unknown"})",
         isapi_anpr},
        {"face.captured", Kind::face_captured, "cam-3", "view-1", R"({"camera":"cam-3","direction":"unknown"})", "", "", isapi_smart},
        {"person.seen", Kind::person_seen, "cam-3", "view-1", R"({"camera":"cam-3"})", "", "", later},
        {"motion.started", Kind::motion_started, "cam-3", "view-1", R"({"channel":1,"cause":"motion"})", "", "", isapi_smart},
        {"motion.ended", Kind::motion_ended, "cam-3", "view-1", R"({"channel":1,"cause":"motion"})", "", "", isapi_smart},
        {"camera.lost", Kind::camera_lost, "cam-3", "view-1", R"({"channel":1,"cause":"video_lost","vendor_code":"videoloss"})", "", "", isapi_smart},
        {"camera.restored", Kind::camera_restored, "cam-3", "view-1", R"({"channel":1,"cause":"video_lost","vendor_code":"videoloss"})", "", "",
         isapi_smart},
        {"camera.covered", Kind::camera_covered, "cam-3", "view-1", R"({"channel":1,"cause":"covered","vendor_code":"shelteralarm"})", "", "",
         isapi_smart},
        {"recording.gap", Kind::recording_gap, "cam-3", "view-1",
         R"({"camera":"cam-3","from":"2026-01-15T00:20:00.000000Z","to":"2026-01-15T00:21:30.000000Z","cause":"camera restarted"})", "", "", later},
        {"fire.alarm", Kind::fire_alarm, "ctl-1", "door-2", R"({"code":"fire","vendor_code":"39"})", "", "", uhppote},
        {"fire.fault", Kind::fire_fault, "fire-1", "room-1", R"({"code":"loop","zone":"3","cause":"loop open"})", "", "", later},
        {"fire.restored", Kind::fire_restored, "face-1", "door-1", R"({"code":"fire_relay","vendor_code":"5/53"})", "", "", isapi_access},
        {"gas.alarm", Kind::gas_alarm, "gas-1", "home-101", R"({"code":"methane","zone":"kitchen"})", "", "", later},
        {"water.alarm", Kind::water_alarm, "water-1", "room-1", R"({"code":"flooded","input":2})", "", "", later},
        {"power.reading", Kind::power_reading, "meter-1", "room-1", R"({"quantity":"power","value":12.5,"unit":"kW","channel":1})", "", "", later},
        {"power.overload", Kind::power_overload, "meter-1", "room-1", R"({"quantity":"current","value":81.5,"unit":"A","limit":80})", "", "", later},
        {"power.lost", Kind::power_lost, "face-1", "door-1", R"({"code":"mains","vendor_code":"2/1029"})", "", "", isapi_access},
        {"power.restored", Kind::power_restored, "face-1", "door-1", R"({"code":"mains","vendor_code":"2/1030"})", "", "", isapi_access},
        {"sensor.reading", Kind::sensor_reading, "meter-2", "room-1", R"({"quantity":"temperature","value":-3.25,"unit":"°C","channel":4})", "", "",
         later},
        {"alarm.raised", Kind::alarm_raised, "face-1", "door-1", R"({"code":"battery_low","vendor_code":"2/1027"})", "", "", isapi_access},
        {"alarm.cleared", Kind::alarm_cleared, "face-1", "door-1", R"({"code":"battery_low","vendor_code":"2/1028"})", "", "", isapi_access},
        {"tamper.raised", Kind::tamper_raised, "face-1", "door-1", R"({"code":"device_opened","vendor_code":"1/1028"})", "", "", isapi_access},
        {"panic.pressed", Kind::panic_pressed, "ctl-1", "door-2", R"({"code":"emergency_call","vendor_code":"43"})", "", "", uhppote},
        {"duress.raised", Kind::duress_raised, "ctl-1", "door-2", R"({"door":2,"code":"threat","vendor_code":"34"})", "", "", uhppote},
        {"perimeter.crossed", Kind::perimeter_crossed, "cam-3", "view-1", R"({"channel":1,"code":"line","vendor_code":"linedetection"})", "", "",
         isapi_smart},
        {"object.thrown", Kind::object_thrown, "cam-4", "view-2", R"({"channel":1,"zone":"building 3, north"})", "", "", later},
        {"ebike.in_lift", Kind::ebike_in_lift, "cam-5", "lift-1", R"({"channel":1,"code":"ebike"})", "", "", later},
        {"lift.trapped", Kind::lift_trapped, "lift-1", "lift-1", R"({"code":"trapped","cause":"door does not open"})", "", "", later},
        {"call.started", Kind::call_started, "face-1", "door-1", R"({"door":1,"vendor_code":"5/37"})", "", "", isapi_access},
        {"call.ended", Kind::call_ended, "station-1", "door-1", R"({"station":"station-1","answered":true,"seconds":24})", "", R"({"room":"101"})",
         later},
        {"patrol.checked", Kind::patrol_checked, "patrol-1", "gate-1", R"({"point":"gate 1","route":"night"})", "", R"({"guard":"g-7"})", later},
        {"device.offline", Kind::device_offline, "face-1", "door-1",
         R"({"fault":"timed_out","cause":"no heartbeat for 60 s","silent_since":"2026-01-15T00:28:58.250000Z"})", "", "", ours},
        {"device.dark", Kind::device_dark, "cam-3", "view-1",
         R"({"fault":"timed_out","cause":"no heartbeat for 60 s","silent_since":"2026-01-15T00:28:58.250000Z","outage":"019bbf0f-448c-7e5c-b893-62d87c777002"})",
         "", "", ours},
        {"device.event", Kind::device_event, "ctl-1", "door-2", R"({"code":"power_on","vendor_code":"28","values":"type=3 granted=0 direction=0"})",
         "", "", uhppote},
        {"device.changed", Kind::device_changed, "ctl-1", "door-2", R"({"setting":"listener","value":"192.168.50.2:60001","previous":"0.0.0.0:0"})",
         "", "", "UHPPOTE set-listener"},
        {"clock.skewed", Kind::clock_skewed, "ctl-1", "door-2", R"({"offset_ms":-480000,"set":true})", "", "", "UHPPOTE get-time"},
        {"gap", Kind::gap, "ctl-1", "door-2",
         R"({"of":"ctl-1","cause":"the controller's memory wrapped","count":41,"count_known":true,"from":"2026-01-14T22:10:00.000000Z","to":"2026-01-14T23:55:12.000000Z","first":1001,"last":1041,"generation":0})",
         "", "", "UHPPOTE get-event of a memory that wrapped"},
        {"command.asked", Kind::command_asked, "gateway", "", R"({"command":"open","target":"ctl-1","door":2,"by_role":"guard"})", "",
         R"({"by":"g-7"})", ours},
        {"command.done", Kind::command_done, "gateway", "", R"({"command":"open","target":"ctl-1","door":2,"by_role":"guard","outcome":"done"})", "",
         R"({"by":"g-7"})", ours},
        {"registry.changed", Kind::registry_changed, "gateway", "",
         R"({"what":"place","action":"added","id":"gate-1","by_role":"technician","values":"{\"id\":\"gate-1\",\"kind\":\"gate\",\"name\":\"东门\"}"})",
         "", R"({"by":"t-1"})", ours},
        {"incident.changed", Kind::incident_changed, "gateway", "",
         R"({"what":"incident","action":"closed","id":"2026-0031","version":3,"by_role":"guard","cause":"false alarm"})", "", R"({"by":"g-7"})",
         later},
        {"oversight.changed", Kind::oversight_changed, "gateway", "",
         R"({"what":"inspection","action":"added","id":"2026-0007","version":1,"by_role":"manager"})", "", R"({"by":"m-1"})", later},
        {"subject.erased", Kind::subject_erased, "gateway", "",
         R"({"positions":[3,18],"count":2,"epoch":"0192f5c4-0000-7000-8000-000000000001","order":"request of 2026-01-14","subject_key":"5f1c6b0e7a9d2344"})",
         "", "", ours},
        {"upstream.changed", Kind::upstream_changed, "gateway", "", R"({"upstream":"district","state":"entitled","version":2})", "", "", ours},
        {"upstream.refused", Kind::upstream_refused, "gateway", "",
         R"({"upstream":"district","lane":"routine","position":12,"epoch":"0192f5c4-0000-7000-8000-000000000001","cause":"place is not known here"})",
         "", "", ours},
        {"audit.read", Kind::audit_read, "gateway", "",
         R"({"what":"records of a subject","route":"/api/v1/records","by_role":"manager","count":12,"purpose":"lost card"})", "", R"({"by":"m-1"})",
         ours},
        {"audit.exported", Kind::audit_exported, "gateway", "", R"({"what":"snapshot devices","upstream":"district","outcome":"done","count":5})", "",
         "", ours},
        {"audit.changed", Kind::audit_changed, "gateway", "",
         R"({"what":"device ctl-1","route":"/api/v1/devices/{id}","by_role":"technician","count":1})", "", R"({"by":"t-1"})", ours},
        {"gateway.stopped", Kind::gateway_stopped, "gateway", "", R"({"cause":"stopped","clean":true})", "", "", ours},

        // Told apart by something else than their kind.
        {"pass.granted.recovered", Kind::pass_granted, "ctl-1", "door-2",
         R"({"door":2,"reader":1,"direction":"in","method":"card","reason":"granted","vendor_code":"1","recovered":true})", "card:10058399", "",
         uhppote, "read from the controller's memory an hour later", ClockState::synced, -3600},
        {"pass.granted.skewed", Kind::pass_granted, "ctl-2", "door-3",
         R"({"door":1,"reader":1,"direction":"out","method":"card","reason":"granted","vendor_code":"1"})", "card:10058399", "", uhppote,
         "the device's clock is eight minutes slow", ClockState::skewed, -480},
        {"pass.granted.unsynced", Kind::pass_granted, "ctl-1", "door-2",
         R"({"door":2,"reader":1,"direction":"in","method":"card","reason":"granted","vendor_code":"1","device_time_flawed":true})", "card:10058399",
         "", uhppote, "the gateway's clock is not set and the device's time could not be read", ClockState::unsynced},
        {"pass.denied.conflict_1", Kind::pass_denied, "face-1", "door-1",
         R"({"vendor_code":"5/9","door":1,"reader":1,"method":"card","reason":"unknown_credential"})", "card:0000000000012345", "", isapi_access,
         "one of two events to which the device gave the same number"},
        {"pass.denied.conflict_2", Kind::pass_denied, "face-1", "door-1",
         R"({"vendor_code":"5/8","door":1,"reader":1,"method":"card","reason":"expired"})", "card:0000000000067890", "", isapi_access,
         "the other: both are kept and sent"},
        {"alarm.raised.gateway", Kind::alarm_raised, "gateway", "",
         R"json({"code":"receipt_refused","cause":"district: a receipt beyond what was sent (9000)"})json", "", "", ours,
         "an alarm of the gateway itself"},
        {"device.event.vendor", Kind::device_event, "face-1", "door-1", R"({"code":"5/1191","vendor_code":"5/1191","door":1})", "", "", isapi_access,
         "a code that nobody has named yet"},
    };
}

} // namespace

const std::vector<Scene>& scenes() {
    static const std::vector<Scene> all = make_scenes();
    return all;
}

Bytes jpeg_of(PictureRole role) {
    // ITU-T T.81, baseline: one quantisation table, two Huffman tables of one and two codes, one block whose DC says how grey it is.
    std::string hex = "ffd8ffdb004300";
    for (int i = 0; i < 64; ++i) hex += "10";
    hex += "ffc0000b080008000801011100ffc4001500010100000000000000000000000000000003ffc40014100100000000000000000000000000000000ffda0008010100003f00";
    hex += role == PictureRole::scene ? "ab" : role == PictureRole::face ? "a3" : "b3";
    return *from_hex(hex + "ffd9");
}

} // namespace gatehouse::golden
