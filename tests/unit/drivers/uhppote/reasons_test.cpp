// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/reasons.hpp"

#include "drivers/uhppote/event_record.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::uhppote;

namespace {

DeviceInfo controller() {
    DeviceInfo device;
    device.id = "north-doors";
    device.place = "north-gate";
    device.outlets.push_back(Outlet{2, "north-gate/door-2", "out"});
    return device;
}

LoggedEvent event(std::uint8_t type, bool granted, std::uint8_t reason) {
    LoggedEvent made;
    made.index = 9;
    made.type = type;
    made.granted = granted;
    made.door = 1;
    made.direction = 1;
    made.card = 3922570474;
    made.time = std::chrono::local_days(std::chrono::year(2026) / 1 / 15) + std::chrono::hours(8);
    made.reason = reason;
    return made;
}

Record record(const LoggedEvent& made) { return record_of_event(made, controller(), std::chrono::hours(8)); }

} // namespace

TEST_CASE("every type, grant and reason gives a record that its schema takes, none is dropped") {
    for (int type = 0; type < 256; type += (type < 5 ? 1 : 50))
        for (int reason = 0; reason < 256; ++reason)
            for (const bool granted : {false, true}) {
                const auto made = record(event(static_cast<std::uint8_t>(type), granted, static_cast<std::uint8_t>(reason)));
                auto checked = check_record(made);
                CHECK_MESSAGE(checked.has_value(), (checked ? "" : checked.error().what()));
                CHECK(made.facts.at("vendor_code") == json::string(std::to_string(reason)));
                CHECK(made.subject.empty() == (type != 1));
                CHECK(!(made.kind == Kind::pass_granted && !granted));
                CHECK(!(made.kind == Kind::pass_denied && granted));
            }
}

TEST_CASE("the card field is a card only in a swipe") {
    CHECK(record(event(1, true, 1)).subject == "card:3922570474");
    CHECK(record(event(2, true, 44)).subject.empty());
    CHECK(record(event(3, false, 38)).subject.empty());
}

TEST_CASE("the grant comes from its byte, never from the reason") {
    const auto contradicts = record(event(1, false, 1));
    CHECK(contradicts.kind == Kind::pass_denied);
    CHECK(contradicts.facts.at("reason") == "unknown");
    const auto other_way = record(event(1, true, 6));
    CHECK(other_way.kind == Kind::pass_granted);
    CHECK(other_way.facts.at("reason") == "granted");
}

TEST_CASE("what the reasons mean") {
    const auto kind = [](std::uint8_t type, bool granted, std::uint8_t reason) { return record(event(type, granted, reason)).kind; };
    const auto reason = [](std::uint8_t number) { return record(event(1, false, number)).facts.at("reason"); };
    CHECK(kind(1, true, 1) == Kind::pass_granted);
    CHECK(kind(2, true, 20) == Kind::button_pressed);
    CHECK(kind(2, true, 23) == Kind::door_opened);
    CHECK(kind(2, true, 24) == Kind::door_closed);
    CHECK(kind(2, true, 44) == Kind::pass_granted);
    CHECK(kind(3, false, 34) == Kind::duress_raised);
    CHECK(kind(3, false, 37) == Kind::door_held);
    CHECK(kind(3, false, 38) == Kind::door_forced);
    CHECK(kind(3, false, 39) == Kind::fire_alarm);
    CHECK(kind(3, false, 43) == Kind::panic_pressed);
    CHECK(kind(2, false, 28) == Kind::device_event);
    CHECK(reason(5) == "pc_control");
    CHECK(reason(6) == "no_right");
    CHECK(reason(7) == "wrong_pin");
    CHECK(reason(8) == "anti_passback");
    CHECK(reason(9) == "multi_card");
    CHECK(reason(10) == "first_card");
    CHECK(reason(11) == "door_closed_mode");
    CHECK(reason(12) == "interlock");
    CHECK(reason(13) == "use_count");
    CHECK(reason(15) == "outside_time_plan");
    CHECK(record(event(2, true, 44)).facts.at("method") == "remote");
}

TEST_CASE("a reason that nobody has named is kept raw") {
    const auto raw = record(event(1, true, 77));
    CHECK(raw.kind == Kind::device_event);
    CHECK(raw.facts.at("code") == "reason_77");
    CHECK(raw.facts.at("values") == "type=1 granted=1 direction=1");
    CHECK(raw.subject == "card:3922570474");
}

TEST_CASE("place and direction come from the door's outlet") {
    auto made = event(1, true, 1);
    CHECK(record(made).place == "north-gate");
    CHECK(record(made).facts.at("direction") == "in");
    made.door = 2; // mounted the other way round
    CHECK(record(made).place == "north-gate/door-2");
    CHECK(record(made).facts.at("direction") == "out");
    made.direction = 2;
    CHECK(record(made).facts.at("direction") == "in");
}

TEST_CASE("local time becomes UTC by the site's zone; a time that is none is said to be") {
    auto made = event(1, true, 1);
    CHECK(gatehouse::to_text(record(made).happened_at.value()) == "2026-01-15T00:00:00.000000Z");
    CHECK(record(made).same_as == "pass.granted|2026-01-15T08:00:00|1|card:3922570474");
    made.time.reset();
    CHECK(!record(made).happened_at);
    CHECK(record(made).facts.at("device_time_flawed") == true);
}

TEST_CASE("the fingerprint tells events apart and holds no card") {
    auto made = event(1, true, 1);
    const auto print = fingerprint_of(made);
    CHECK(print.size() == 16);
    made.card = 1;
    made.index = 10;
    CHECK(fingerprint_of(made) == print);
    made.time = *made.time + std::chrono::seconds(1);
    CHECK(fingerprint_of(made) != print);
}
