// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/intake.hpp"

#include "drivers/isapi/access_controller_event.hpp"
#include "drivers/isapi/acs_event_search.hpp"
#include "drivers/isapi/event_notification_alert.hpp"
#include "drivers/isapi/plates_search.hpp"
#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

namespace {

const Time heard = at("2026-01-15T00:31:08Z");

Taken take(Intake& intake, Result<Alert> alert, Way way = Way::push, ClockReading clock = {}, Instant now = Instant(), Time heard_at = heard) {
    REQUIRE(alert.has_value());
    Arrival arrival;
    arrival.alert = std::move(*alert);
    auto taken = intake.take(std::move(arrival), way, heard_at, now, clock, 3);
    if (taken.what == Taken::What::record) {
        const auto fits = check_record(taken.record);
        CHECK_MESSAGE(fits.has_value(), (fits ? std::string() : fits.error().what()));
    }
    return taken;
}
Result<Alert> access(const std::string& text) { return decode_access_controller_event(text, beijing); }
Result<Alert> camera(const std::string& text) { return decode_event_notification_alert(text, beijing); }
std::string with_pair(int major, int minor) {
    return replaced(replaced(golden("access.json"), "\"majorEventType\":\t5", "\"majorEventType\":\t" + std::to_string(major)),
                    "\"subEventType\":\t75", "\"subEventType\":\t" + std::to_string(minor));
}

} // namespace

TEST_CASE("one event yields the same key and sameness by push and by search") {
    const auto info = World::terminal();
    Intake intake(info, built_in_events());
    const auto pushed = take(intake, access(golden("access.json")));
    auto page = decode_acs_event_page(golden("acs_event_page.json"), beijing);
    REQUIRE(page.has_value());
    const auto searched = take(intake, page->rows[1], Way::search);
    CHECK(pushed.record.same_as == searched.record.same_as);
    CHECK(pushed.record.same_as == "pass.granted|2026-01-15T00:31:07.000000Z|1|person:30112");
    CHECK(std::get<std::uint64_t>(pushed.record.device_key->id) == 20418);
    CHECK(std::get<std::uint64_t>(searched.record.device_key->id) == 20418);
    CHECK(pushed.record.device_key->generation == 3);

    const auto camera_info = World::plate_camera();
    Intake plates(camera_info, built_in_events());
    const auto live = take(plates, camera(golden("anpr.xml")));
    const auto found =
        take(plates, decode_plates(replaced(golden("plates.xml"), "20260115T003112Z", "20260115T083012+0800"), beijing)->rows[0], Way::search);
    CHECK(live.record.same_as == found.record.same_as);
    CHECK(std::get<std::string>(live.record.device_key->id) == std::get<std::string>(found.record.device_key->id));
}

TEST_CASE("who passed: the person we enrolled, else the card, with its zeros") {
    const auto info = World::terminal();
    Intake intake(info, built_in_events());
    const auto by_card = replaced(golden("access.json"), "\"employeeNoString\":\t\"30112\"", "\"cardNo\":\t\"0008165537\"");
    const auto card = take(intake, access(by_card));
    CHECK(card.record.subject == "card:0008165537");
    CHECK(text_at(card.record.details, "card") == "0008165537");
    CHECK(take(intake, access(replaced(by_card, "0008165537", "0"))).record.subject.empty());
    CHECK(take(intake, access(golden("access.json"))).record.subject == "person:30112");
    CHECK(take(intake, access(replaced(golden("access.json"), "30112", "李雷"))).record.subject.empty());
}

TEST_CASE("reader 1 is the door's way, reader 2 the other, and an unknown door says so") {
    const auto info = World::terminal();
    Intake intake(info, built_in_events());
    CHECK(text_at(take(intake, access(golden("access.json"))).record.facts, "direction") == "in");
    CHECK(text_at(take(intake, access(replaced(golden("access.json"), "\"cardReaderNo\":\t1", "\"cardReaderNo\":\t2"))).record.facts, "direction") ==
          "out");
    CHECK(!text_at(take(intake, access(replaced(golden("access.json"), "\"doorNo\":\t1", "\"doorNo\":\t9"))).record.facts, "direction"));
}

TEST_CASE("pairs that no table knows are kept raw and never a grant, even if a table calls them one") {
    const auto info = World::terminal();
    auto table = built_in_events();
    table.access.push_back(AccessRow{5, 999, 999, Kind::pass_granted, "face", "granted", {}});
    Intake intake(info, table);
    for (const int minor : {82, 199, 999}) {
        const auto taken = take(intake, access(with_pair(5, minor)));
        CHECK(taken.record.kind == Kind::device_event);
        CHECK(text_at(taken.record.facts, "code") == "5/" + std::to_string(minor));
    }
    CHECK(take(intake, access(with_pair(3, 75))).record.kind == Kind::device_event);
}

TEST_CASE("every row of the built-in table makes a record that fits its schema") {
    const auto info = World::terminal();
    Intake intake(info, built_in_events());
    for (const auto& row : built_in_events().access)
        for (auto minor = row.first; minor <= row.last; ++minor)
            CHECK(take(intake, access(with_pair(static_cast<int>(row.major), static_cast<int>(minor)))).record.kind == row.kind);
    for (const auto& row : built_in_events().smart) {
        Intake fresh(info, built_in_events());
        const auto taken = take(fresh, camera(replaced(golden("motion.xml"), "VMD", row.event)));
        CHECK((taken.what == Taken::What::dropped) == row.only_with_faces);
        if (!row.only_with_faces) CHECK(taken.record.kind == row.began);
    }
}

TEST_CASE("a lane's way decides between driving in, out, and merely read; a block list refuses") {
    auto info = World::plate_camera();
    const auto kind_of = [&](const std::string& text) {
        Intake intake(info, built_in_events());
        return take(intake, camera(text)).record.kind;
    };
    const auto forward = golden("anpr.xml");
    const auto reverse = replaced(forward, "<direction>forward", "<direction>reverse");
    CHECK(kind_of(forward) == Kind::vehicle_entered);
    CHECK(kind_of(reverse) == Kind::vehicle_left);
    CHECK(kind_of(replaced(forward, "<direction>forward", "<direction>unknown")) == Kind::plate_read);
    CHECK(kind_of(replaced(forward, "allowList", "blackList")) == Kind::vehicle_refused);
    CHECK(kind_of(replaced(forward, "<line>1", "<line>2")) == Kind::plate_read);
    info.outlets = {Outlet{1, "south-gate-out", "out"}}; // mounted at the rear
    CHECK(kind_of(reverse) == Kind::vehicle_entered);
    info.outlets.clear();
    CHECK(kind_of(forward) == Kind::plate_read);
}

TEST_CASE("a plate's facts in our terms; the raw text is personal") {
    const auto info = World::plate_camera();
    Intake intake(info, built_in_events());
    const auto record = take(intake, camera(golden("anpr.xml"))).record;
    CHECK(record.subject == "plate:沪A7F3K2");
    CHECK(number_at(record.facts, "confidence") == 96);
    CHECK(text_at(record.facts, "plate_colour") == "blue");
    CHECK(text_at(record.facts, "plate_type") == "92TypeCivil");
    CHECK(text_at(record.facts, "vehicle_kind") == "car");
    CHECK(text_at(record.facts, "vehicle_colour") == "white");
    CHECK(number_at(record.facts, "vehicle_brand") == 1042);
    CHECK(text_at(record.facts, "list") == "allow");
    CHECK(bool_at(record.facts, "read") == true);
    CHECK(!record.facts.contains("barrier_opened")); // live: the field means nothing
    CHECK(text_at(record.details, "plate_as_read") == "蓝沪A7F3K2");
    CHECK(text_at(record.details, "characters_confidence") == "99,99,98,99,97,99,99");
    CHECK(record.happened_at == at("2026-01-15T00:30:12.417Z")); // the picture's time is of the same second, and finer
    // A colour that the camera does not name is taken from the prefix.
    CHECK(text_at(take(intake, camera(replaced(golden("anpr.xml"), "<plateColor>blue", "<plateColor>unknown"))).record.facts, "plate_colour") ==
          "blue");
}

TEST_CASE("a vehicle whose plate was not read is a record without a subject") {
    const auto info = World::plate_camera();
    Intake intake(info, built_in_events());
    const auto record = take(intake, camera(replaced(golden("anpr.xml"), "蓝沪A7F3K2", "无车牌"))).record;
    CHECK(record.kind == Kind::vehicle_entered);
    CHECK(record.subject.empty());
    CHECK(bool_at(record.facts, "read") == false);
    CHECK(!record.details.contains("plate_as_read"));
}

TEST_CASE("history is recovered and says whether the camera's list opened the gate") {
    const auto info = World::plate_camera();
    Intake intake(info, built_in_events());
    const auto record = take(intake, camera(replaced(golden("anpr.xml"), "<alarmDataType>0", "<alarmDataType>1"))).record;
    CHECK(bool_at(record.facts, "recovered") == true);
    CHECK(bool_at(record.facts, "barrier_opened") == false);
}

TEST_CASE("read back within fifteen seconds is live, measured by the device's corrected clock") {
    const auto info = World::terminal();
    Intake intake(info, built_in_events());
    const auto page = decode_acs_event_page(golden("acs_event_page.json"), beijing);
    const auto is_recovered = [&](Time heard_at, std::optional<std::int64_t> offset) {
        ClockReading clock;
        clock.offset_us = offset;
        return bool_at(take(intake, page->rows[1], Way::search, clock, Instant(), heard_at).record.facts, "recovered").value_or(false);
    };
    const auto happened = at("2026-01-15T00:31:07Z");
    CHECK(!is_recovered(happened + 14s, std::nullopt));
    CHECK(is_recovered(happened + 16s, std::nullopt));
    CHECK(!is_recovered(happened + 100s, -92'000'000)); // the device is 92 s behind
}

TEST_CASE("a clock that is skewed, or ours that is not synced, stands in the record") {
    const auto info = World::terminal();
    Intake intake(info, built_in_events());
    ClockReading clock;
    clock.offset_us = -92'000'000;
    const auto skewed = take(intake, access(golden("access.json")), Way::push, clock).record;
    CHECK(skewed.clock == ClockState::skewed);
    CHECK(skewed.clock_offset_us == -92'000'000);
    CHECK(skewed.happened_at == at("2026-01-15T00:31:07Z")); // verbatim
    clock.offset_us = 900'000;
    CHECK(take(intake, access(golden("access.json")), Way::push, clock).record.clock == ClockState::synced);
    clock.quality = ClockQuality::unsynced;
    CHECK(take(intake, access(golden("access.json")), Way::push, clock).record.clock == ClockState::unsynced);
    const auto flawed = take(intake, access(replaced(golden("access.json"), "08:31:07+08:00", "08:31:0708:00"))).record;
    CHECK(!flawed.happened_at);
    CHECK(bool_at(flawed.facts, "device_time_flawed") == true);
    CHECK(flawed.same_as == "pass.granted|2026-01-15T00:31:07.000000Z|1|person:30112");
}

TEST_CASE("states: begun once, ended by the device or by ten seconds of silence; heartbeats end a loss of video") {
    const auto info = World::plate_camera();
    Intake intake(info, built_in_events());
    const auto motion = golden("motion.xml");
    Instant now{};
    CHECK(take(intake, camera(motion), Way::stream, {}, now).record.kind == Kind::motion_started);
    now += 9s;
    CHECK(take(intake, camera(motion), Way::stream, {}, now).what == Taken::What::goes_on);
    CHECK(intake.expire(heard, now + 9s, {}).empty());
    CHECK(take(intake, camera(replaced(motion, ">active<", ">inactive<")), Way::stream, {}, now + 1s).record.kind == Kind::motion_ended);
    CHECK(intake.expire(heard, now + 1min, {}).empty());

    CHECK(take(intake, camera(golden("heartbeat.xml")), Way::stream, {}, now).what == Taken::What::heartbeat);
    CHECK(take(intake, camera(replaced(golden("heartbeat.xml"), "inactive", "active")), Way::stream, {}, now).record.kind == Kind::camera_lost);
    CHECK(take(intake, camera(golden("heartbeat.xml")), Way::stream, {}, now).record.kind == Kind::camera_restored);
    CHECK(take(intake, camera(golden("heartbeat.xml")), Way::stream, {}, now).what == Taken::What::heartbeat);

    const auto odd = replaced(motion, "VMD", "somethingNew");
    const auto begun = take(intake, camera(odd), Way::stream, {}, now).record;
    CHECK(begun.kind == Kind::device_event);
    CHECK(text_at(begun.facts, "code") == "somethingNew");
    CHECK(text_at(begun.facts, "state") == "active");
    CHECK(take(intake, camera(odd), Way::stream, {}, now + 1s).what == Taken::What::goes_on);
}

TEST_CASE("faces of strangers are dropped unless the device is told otherwise") {
    auto info = World::plate_camera();
    const auto face = replaced(golden("motion.xml"), "VMD", "faceCapture");
    Intake without(info, built_in_events());
    CHECK(take(without, camera(face)).what == Taken::What::dropped);
    info.options["faces"] = "yes";
    Intake with(info, built_in_events());
    CHECK(take(with, camera(face)).record.kind == Kind::face_captured);
}
