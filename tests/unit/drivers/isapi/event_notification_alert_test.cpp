// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/event_notification_alert.hpp"

#include "daemon/base/text.hpp"
#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("a heartbeat is one, and a true loss of video is none") {
    const auto beat = decode_event_notification_alert(golden("heartbeat.xml"), beijing);
    REQUIRE(beat.has_value());
    CHECK(beat->is_heartbeat());
    CHECK(beat->channel == 1);
    CHECK(beat->time.at == at("2026-01-15T00:30:00Z"));
    const auto lost = decode_event_notification_alert(replaced(golden("heartbeat.xml"), "inactive", "active"), beijing);
    REQUIRE(lost.has_value());
    CHECK(!lost->is_heartbeat());
    CHECK(lost->active);
}

TEST_CASE("the ANPR block, whole") {
    const auto alert = decode_event_notification_alert(golden("anpr.xml"), beijing);
    REQUIRE(alert.has_value());
    CHECK(alert->event == "ANPR");
    CHECK(alert->uuid == "7b1f0a52-1dd2-11b2-8f10-24320e102030");
    CHECK(alert->pictures == 2);
    CHECK(!alert->is_replay());
    REQUIRE(alert->anpr);
    const auto& anpr = *alert->anpr;
    CHECK(anpr.plate == "蓝沪A7F3K2");
    CHECK(anpr.original == "蓝沪A7F3K2");
    CHECK(anpr.lane == 1);
    CHECK(anpr.direction == "forward");
    CHECK(anpr.confidence == 96);
    CHECK(anpr.characters_confidence == "99,99,98,99,97,99,99");
    CHECK(anpr.country == "59");
    CHECK(anpr.plate_type == "92TypeCivil");
    CHECK(anpr.plate_colour == "blue");
    CHECK(anpr.vehicle_type == "vehicle");
    CHECK(anpr.vehicle_colour == "white");
    CHECK(anpr.vehicle_brand == 1042);
    CHECK(anpr.list == "allowList");
    CHECK(anpr.barrier == 1);
    CHECK(!anpr.history);
    REQUIRE(anpr.pictures.size() == 2);
    CHECK(anpr.pictures[1].file_name == "detectionPicture.jpg");
    CHECK(anpr.pictures[1].taken_at == at("2026-01-15T00:30:12.417Z"));
}

TEST_CASE("a reference to what is no character is no XML: it would make texts that are no UTF-8") {
    for (const auto* reference : {"&#xD800;", "&#57343;", "&#x110000;"}) {
        const auto alert = decode_event_notification_alert(replaced(golden("motion.xml"), "VMD", reference), beijing);
        CHECK_MESSAGE((!alert || is_utf8(alert->event)), reference);
    }
    const auto alert = decode_event_notification_alert(replaced(golden("motion.xml"), "VMD", "&#xD800;"), beijing);
    REQUIRE(alert.has_error());
    CHECK(alert.error().fault() == Fault::malformed);
}

TEST_CASE("older names, fractions, and both marks of history") {
    auto text = replaced(golden("anpr.xml"), "licensePlate>", "plateNumber>");
    text = replaced(text, "<confidenceLevel>96<", "<confidenceLevel>96.7<");
    const auto old = decode_event_notification_alert(text, beijing);
    REQUIRE(old.has_value());
    CHECK(old->anpr->plate == "蓝沪A7F3K2");
    CHECK(old->anpr->confidence == 96);
    CHECK(decode_event_notification_alert(replaced(golden("anpr.xml"), "<alarmDataType>0", "<alarmDataType>1"), beijing)->is_replay());
    CHECK(decode_event_notification_alert(replaced(golden("anpr.xml"), "Retransmission>false", "Retransmission>true"), beijing)->is_replay());
}

TEST_CASE("GB18030 that calls itself GB2312 reads like UTF-8; bytes that are neither are replaced and flagged") {
    const auto alert = decode_event_notification_alert(golden("anpr_gb.xml"), beijing);
    REQUIRE(alert.has_value());
    CHECK(alert->anpr->plate == "蓝沪A7F3K2");
    CHECK(!alert->text_replaced);
    const auto torn = decode_event_notification_alert(replaced(golden("anpr.xml"), "南门入口", "\xff\xff"), beijing);
    REQUIRE(torn.has_value());
    CHECK(torn->text_replaced);
    CHECK(torn->anpr->plate == "蓝沪A7F3K2");
}

TEST_CASE("namespaces, prefixes, empty channels and wrapped events") {
    const auto motion = decode_event_notification_alert(golden("motion.xml"), beijing);
    REQUIRE(motion.has_value());
    CHECK(motion->event == "VMD");
    CHECK(motion->channel == 34);
    const auto wrapped = decode_event_notification_alert(golden("duration.xml"), beijing);
    REQUIRE(wrapped.has_value());
    CHECK(wrapped->event == "linedetection");
    CHECK(!wrapped->channel);
    CHECK(wrapped->time.at == at("2026-01-15T00:30:05.250Z"));
}

TEST_CASE("hostile XML is an error that says what it is") {
    const auto fault = [](const std::string& text) { return decode_event_notification_alert(text, beijing).error().fault(); };
    CHECK(fault("") == Fault::malformed);
    CHECK(fault("<EventNotificationAlert><eventType>VMD</eventType>") == Fault::malformed);
    CHECK(fault("<EventNotificationAlert><eventState>active</eventState></EventNotificationAlert>") == Fault::malformed);
    CHECK(
        fault(
            "<!doctype x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><EventNotificationAlert><eventType>VMD</eventType></EventNotificationAlert>") ==
        Fault::malformed);
    CHECK(fault("<SubscribeEventResponse><id>1</id></SubscribeEventResponse>") == Fault::unsupported);
    CHECK(fault("<EventNotificationAlert><eventType>VMD</eventType><x>" + std::string(alert_bytes_max, 'x') + "</x></EventNotificationAlert>") ==
          Fault::full);
    std::string deep = "<EventNotificationAlert><eventType>VMD</eventType>";
    for (int i = 0; i < 40; ++i) deep += "<a>";
    for (int i = 0; i < 40; ++i) deep += "</a>";
    CHECK(fault(deep + "</EventNotificationAlert>") == Fault::malformed);
}

TEST_CASE("no cut of a real alert does harm") {
    const auto whole = golden("anpr.xml");
    for (std::size_t length = 0; length < whole.size(); ++length) (void)decode_event_notification_alert(whole.substr(0, length), beijing);
    CHECK(decode_event_notification_alert(whole.substr(0, whole.size() / 2), beijing).has_error());
}
