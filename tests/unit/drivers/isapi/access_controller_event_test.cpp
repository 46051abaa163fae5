// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/access_controller_event.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("a face pass as a terminal pushes it") {
    const auto alert = decode_access_controller_event(golden("access.json"), beijing);
    REQUIRE(alert.has_value());
    CHECK(alert->time.at == at("2026-01-15T00:31:07Z"));
    REQUIRE(alert->access);
    const auto& event = *alert->access;
    CHECK(event.major == 5);
    CHECK(event.minor == 75);
    CHECK(event.door == 1);
    CHECK(event.reader == 1);
    CHECK(event.person == "30112");
    CHECK(event.card.empty());
    CHECK(event.serial == 20418u);
    CHECK(event.front_serial == 20417u);
    CHECK(event.current);
    CHECK(event.mask == false);
    CHECK(alert->pictures == 1);
}

TEST_CASE("numbers as texts, a missing door, a misspelt neighbour, a legacy number") {
    auto text = golden("access.json");
    text = replaced(text, "\"majorEventType\":\t5", "\"majorEventType\":\t\"5\"");
    text = replaced(text, "\"serialNo\":\t20418", "\"serialNo\":\t\"20418\"");
    text = replaced(text, "frontSerialNo", "fronSerialNo");
    text = replaced(text, "\"doorNo\":\t1,", "");
    text = replaced(text, "\"employeeNoString\":\t\"30112\"", "\"employeeNo\":\t30112, \"cardNo\":\t\"00081655370081655\"");
    text = replaced(text, "\"currentEvent\":\ttrue", "\"currentEvent\":\tfalse");
    const auto alert = decode_access_controller_event(text, beijing);
    REQUIRE(alert.has_value());
    CHECK(alert->access->major == 5);
    CHECK(alert->access->serial == 20418u);
    CHECK(alert->access->front_serial == 20417u);
    CHECK(!alert->access->door);
    CHECK(alert->access->person == "30112");
    CHECK(alert->access->card == "00081655370081655");
    CHECK(alert->is_replay());
}

TEST_CASE("heartbeats as JSON, and JSON that is no event") {
    CHECK(decode_access_controller_event(R"({"eventType":"heartBeat","eventState":"active"})", beijing)->is_heartbeat());
    CHECK(decode_access_controller_event(R"({"a":1})", beijing).error().fault() == Fault::unsupported);
    CHECK(decode_access_controller_event(R"([1])", beijing).error().fault() == Fault::malformed);
    CHECK(decode_access_controller_event(R"({"eventType":"AccessControllerEvent"})", beijing).error().fault() == Fault::malformed);
    CHECK(decode_access_controller_event(R"({"AccessControllerEvent":{"majorEventType":"five"}})", beijing).error().fault() == Fault::malformed);
    CHECK(decode_access_controller_event("{\"eventType\":\"" + std::string(alert_bytes_max, 'x') + "\"}", beijing).error().fault() == Fault::full);
}

TEST_CASE("no cut of a real event does harm") {
    const auto whole = golden("access.json");
    for (std::size_t length = 0; length + 2 < whole.size(); ++length)
        CHECK(decode_access_controller_event(whole.substr(0, length), beijing).has_error());
}
