// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/drivers/nut/site.hpp"

using namespace gatehouse;
using namespace gatehouse::nut_testing;

TEST_CASE("nut hello: what the UPS is, online, and its readings") {
    Site site;
    site.start();
    CHECK(site.driver->status().state == drivers::DeviceStatus::State::online);
    CHECK(site.driver->status().firmware == "EATON 5P 1550 \"i\" 02.14");
    REQUIRE(site.sink.of(Kind::device_online).size() == 1);
    CHECK(site.sink.of(Kind::device_online)[0].place == "control-room");
    CHECK(site.sink.of(Kind::power_reading).size() == 4);
    CHECK(site.sink.told().empty());
    REQUIRE(site.driver->power().has_value());
    CHECK_FALSE(site.driver->power()->on_battery);
    CHECK(site.asked == std::deque<std::string>{"LIST UPS", "GET VAR room ups.status", "LIST VAR room"});
}

TEST_CASE("an outage: power.lost within two seconds, low battery, power.restored, each once") {
    Site site;
    site.start();
    site.status("OB DISCHRG", 2s);
    CHECK(site.sink.told() == std::vector<std::string>{"power.lost mains", "device.event ups.status"});
    const auto lost = site.sink.of(Kind::power_lost);
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].facts.at("vendor_code") == "OB DISCHRG");
    CHECK(lost[0].id == site.driver->power()->lost_id);
    CHECK(site.driver->power()->on_battery);
    CHECK_FALSE(site.driver->power()->is_ending);
    site.status("OB LB DISCHRG", 20s);
    CHECK(site.driver->power()->is_ending);
    site.status("OL CHRG LB", 20s);
    CHECK_FALSE(site.driver->power()->is_ending);
    site.status("OL CHRG", 20s);
    std::vector<std::string> told;
    for (const auto& one : site.sink.told())
        if (!one.starts_with("device.event")) told.push_back(one);
    CHECK(told == std::vector<std::string>{"power.lost mains", "alarm.raised battery_low", "power.restored mains", "alarm.cleared battery_low"});
}

TEST_CASE("the rest of ups.status: battery to be replaced, overload with the load, bypass, an alarm with its words") {
    Site site;
    site.start();
    site.variables["ups.load"] = "117";
    site.clock.run_for(31s);
    site.variables["ups.alarm"] = "Fan failure!";
    site.clock.run_for(31s);
    site.status("OL OVER RB BYPASS ALARM");
    CHECK(site.sink.told() == std::vector<std::string>{"alarm.raised battery_replace", "power.overload -", "alarm.raised bypass",
                                                       "alarm.raised ups_alarm", "device.event ups.status"});
    CHECK(site.sink.of(Kind::power_overload).at(0).facts.at("value") == 117.0);
    CHECK(site.sink.of(Kind::alarm_raised).back().facts.at("cause") == "Fan failure!");
    site.status("OL");
    CHECK(site.sink.of(Kind::alarm_cleared).size() == 3);
}

TEST_CASE("words that are no condition are an event at most once a minute, and none is dropped for ever") {
    Site site;
    site.start();
    for (int i = 0; i < 20; ++i) site.status(i % 2 == 0 ? "OL" : "OL TRIM", 2s);
    CHECK(site.sink.of(Kind::device_event).size() == 1);
    site.clock.run_for(60s);
    REQUIRE(site.sink.of(Kind::device_event).size() == 2);
    CHECK(site.sink.of(Kind::device_event).back().facts.at("state") == "OL TRIM");
}

TEST_CASE("power that came back while we were away is told, and what was told before is not told again") {
    Site site;
    site.start();
    site.status("OB", 3s);
    const auto lost_id = site.driver->power()->lost_id;
    site.group.cancel();
    site.clock.run_for(1s);
    site.renew();
    site.start(); // still out
    CHECK(site.sink.of(Kind::power_lost).size() == 1);
    CHECK(site.driver->power()->lost_id == lost_id);
    site.group.cancel();
    site.clock.run_for(1s);
    site.variables["ups.status"] = "OL";
    site.renew();
    site.start();
    CHECK(site.sink.of(Kind::power_lost).size() == 1);
    CHECK(site.sink.of(Kind::power_restored).size() == 1);
}

TEST_CASE("a UPS that falls silent behind its upsd ends the conversation, and so does an upsd that does not answer") {
    Site site;
    site.start();
    site.is_stale = true;
    site.clock.run_for(3s);
    REQUIRE(site.over.has_value());
    CHECK(site.over->fault() == Fault::timed_out);
    CHECK(site.driver->status().state == drivers::DeviceStatus::State::offline);
    site.is_stale = false;
    site.start();
    CHECK_FALSE(site.over.has_value());
    site.is_mute = true;
    site.clock.run_for(drivers::nut::status_every + drivers::nut::answer_max + 1s);
    REQUIRE(site.over.has_value());
    CHECK(site.over->fault() == Fault::timed_out);
}

TEST_CASE("a lost cable during an outage leaves what is known of the power") {
    Site site;
    site.start();
    site.status("OB", 3s);
    site.network.reset("10.0.0.9");
    site.clock.run_for(3s);
    REQUIRE(site.over.has_value());
    CHECK(site.driver->power()->on_battery);
    CHECK(site.driver->power()->on_battery_heard.has_value());
}

TEST_CASE("which UPS: the only one, or the one that the option names; several and no name is said") {
    Site site;
    site.names = {"room", "gate"};
    site.start();
    REQUIRE(site.over.has_value());
    CHECK(site.over->fault() == Fault::unsupported);
    CHECK(site.over->what().find("room, gate") != std::string::npos);
    Site named([](auto& device) { device.options["ups"] = "room"; });
    named.names = {"room", "gate"};
    named.start();
    CHECK_FALSE(named.over.has_value());
    Site missing([](auto& device) { device.options["ups"] = "roof"; });
    missing.start();
    REQUIRE(missing.over.has_value());
    CHECK(missing.over->fault() == Fault::gone);
}

TEST_CASE("name and password are given when there are any; a refusal says so") {
    Site site([](auto& device) {
        device.username = "gatehouse";
        device.password = "a \"b\"";
    });
    site.instead["PASSWORD \"a \\\"b\\\"\""] = "ERR INVALID-PASSWORD\n";
    site.start();
    REQUIRE(site.over.has_value());
    CHECK(site.over->fault() == Fault::refused);
    CHECK(site.driver->status().state == drivers::DeviceStatus::State::refused);
    CHECK(site.asked.front() == "USERNAME gatehouse");
    Site tls([](auto& device) { device.tls = true; });
    tls.start();
    REQUIRE(tls.over.has_value());
    CHECK(tls.over->fault() == Fault::unsupported);
}

TEST_CASE("a disk that fails: the outage is known all the same, each change is offered once, and the conversation goes on") {
    Site site;
    site.start();
    site.sink.fault = Fault::full;
    site.status("OB", 60s);
    CHECK_FALSE(site.over.has_value());
    CHECK(site.driver->power()->on_battery);
    CHECK(site.sink.refused == 2); // power.lost, and the other words
    site.sink.fault.reset();
    site.status("OL CHRG");
    CHECK(site.sink.told().front() == "power.restored mains");
    CHECK(site.driver->status().fault.empty());
}

TEST_CASE("a disk that is out at the start: the power is watched all the same") {
    Site site;
    site.sink.fault = Fault::damaged;
    site.start();
    site.status("OB LB");
    CHECK_FALSE(site.over.has_value());
    REQUIRE(site.driver->power().has_value());
    CHECK(site.driver->power()->is_ending);
}

TEST_CASE("an upsd that lies ends the conversation with a typed fault") {
    struct Lie {
        std::string command, answer;
        Fault fault;
    };
    const std::vector<Lie> lies{
        {"LIST UPS", std::string(4000, 'x'), Fault::full},
        {"LIST UPS", "BEGIN LIST UPS\nBEGIN LIST UPS\n", Fault::malformed},
        {"LIST VAR room", "BEGIN LIST VAR room\nVAR gate ups.status \"OL\"\n", Fault::malformed},
        {"GET VAR room ups.status", "VAR room ups.status \"OL\n", Fault::malformed},
        {"GET VAR room ups.status", "SSH-2.0-OpenSSH_9.2\n", Fault::malformed},
        {"LIST VAR room", "BEGIN LIST VAR room\n", Fault::timed_out},
    };
    for (const auto& lie : lies) {
        Site site;
        site.instead[lie.command] = lie.answer;
        site.start(10s);
        REQUIRE_MESSAGE(site.over.has_value(), lie.command);
        CHECK_MESSAGE(site.over->fault() == lie.fault, site.over->what());
    }
}
