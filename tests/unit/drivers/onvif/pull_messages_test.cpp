// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/pull_messages.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("pull messages: topics without prefixes, items, times of every form, in the device's order") {
    CHECK(encode_pull_messages(20s, 64) == golden("asked_pull_messages.xml"));
    const auto pulled = decode_pull_messages(golden("pull_messages.xml")).value();
    CHECK(pulled.now == at("2026-01-15T08:31:40Z"));
    CHECK(pulled.granted == 120s);
    CHECK(pulled.malformed == 1);
    REQUIRE(pulled.notifications.size() == 4);
    const auto& input = pulled.notifications[0];
    CHECK(input.topic == "Device/Trigger/DigitalInput");
    CHECK(input.at == at("2026-01-15T08:31:39Z"));
    CHECK(input.property == Notification::Property::changed);
    CHECK(input.source == std::vector<Item>{{"InputToken", "DI_1"}});
    CHECK(input.data_item("logicalstate")->value == "true");
    CHECK(pulled.notifications[1].at == at("2026-01-15T08:31:39.25Z"));
    const auto& line = pulled.notifications[2];
    CHECK(line.property == Notification::Property::pulse);
    CHECK(line.at == at("2026-01-15T08:31:39Z"));
    CHECK(line.key() == "RuleEngine/LineDetector/Crossed|ObjectId=7|Rule=line 1|VideoSourceConfigurationToken=VideoSourceToken");
    const auto& alarm_in = pulled.notifications[3];
    CHECK(alarm_in.topic == "Device/Trigger/AlarmIn");
    CHECK(alarm_in.at == at("2026-01-15T08:31:39Z"));
    CHECK(alarm_in.property == Notification::Property::initialized);
}

TEST_CASE("pull messages: what a camera sends beyond the bounds is counted and dropped") {
    std::string many;
    for (std::size_t i = 0; i < notifications_max + 5; ++i)
        many += "<n:NotificationMessage><n:Topic>a</n:Topic><n:Message><t:Message/></n:Message></n:NotificationMessage>";
    std::string items;
    for (int i = 0; i < 100; ++i) items += "<t:SimpleItem Name=\"" + std::string(1000, 'n') + "\" Value=\"v\"/>";
    many += "<n:NotificationMessage><n:Topic>a</n:Topic><n:Message><t:Message><t:Data>" + items +
            "</t:Data></t:Message></n:Message></n:NotificationMessage>";
    const auto body = [](const std::string& inner) {
        return "<e:Envelope><e:Body><v:PullMessagesResponse>" + inner + "</v:PullMessagesResponse></e:Body></e:Envelope>";
    };
    const auto pulled = decode_pull_messages(body(many)).value();
    CHECK(pulled.notifications.size() == notifications_max);
    CHECK(pulled.beyond == 6);
    const auto one = decode_pull_messages(body(many.substr(many.rfind("<n:NotificationMessage>")))).value();
    REQUIRE(one.notifications.size() == 1);
    CHECK(one.notifications[0].data.size() == items_max);
    CHECK(one.notifications[0].data[0].name.size() == 128);
}

TEST_CASE("pull messages: states in the words of many devices") {
    for (const char* word : {"true", "TRUE", "1", "on", "active", " True "}) CHECK(read_state(word) == true);
    for (const char* word : {"false", "0", "Off", "inactive"}) CHECK(read_state(word) == false);
    for (const char* word : {"", "7", "maybe", "Human"}) CHECK_FALSE(read_state(word));
}
