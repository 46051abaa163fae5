// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/text.hpp"
#include "drivers/supervisor.hpp"
#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

namespace {

std::string status_xml(int code, const std::string& sub) {
    return "<ResponseStatus><statusCode>" + std::to_string(code) + "</statusCode><subStatusCode>" + sub + "</subStatusCode></ResponseStatus>";
}
std::string time_xml(Time time) {
    return "<Time><timeMode>NTP</timeMode><localTime>" + to_text(time + 8h).substr(0, 19) +
           "+08:00</localTime><timeZone>CST-8:00:00</timeZone></Time>";
}

Done opened(World& world, std::int64_t outlet) {
    std::optional<Done> done;
    auto opening = [](World& w, std::int64_t number, std::optional<Done>& said) -> Task<void> {
        said.emplace(co_await w.driver->doors()->open(number));
    };
    world.group.spawn("opening", opening(world, outlet, done));
    world.clock.run_for(10s);
    if (!done) return Error(Fault::timed_out, "not answered");
    return std::move(*done);
}

} // namespace

TEST_CASE("a refused password ends the conversation, and no door is tried with it") {
    World world(World::terminal());
    world.device.on("GET", "/ISAPI/System/deviceInfo", golden("user_check_locked.xml"), 401);
    world.start();
    world.clock.run_for(1min);
    REQUIRE(world.ended);
    CHECK(world.ended->fault() == Fault::refused);
    CHECK(world.driver->status().state == DeviceStatus::State::refused);
    CHECK(world.driver->status().fault.find("locked") != std::string::npos);
    CHECK(world.driver->status().fault.find("1742 s") != std::string::npos);
    CHECK(world.device.requests.size() == 1);
    CHECK(opened(world, 1).error().fault() == Fault::refused);
    CHECK(world.device.requests.size() == 1);
    CHECK(world.sink.records.empty());
}

TEST_CASE("why the last conversation ended is told until the device answers again") {
    World world(World::terminal());
    world.device.on("GET", "/ISAPI/System/deviceInfo", golden("user_check_locked.xml"), 401);
    world.start();
    world.clock.run_for(1min);
    REQUIRE(world.ended);
    std::string told;
    world.device.on("GET", "/ISAPI/System/deviceInfo", [&](const net::HttpRequest&) {
        told = world.driver->status().fault;
        return net::HttpResponse{200, {}, golden("device_info.xml")};
    });
    world.start();
    world.clock.run_for(1s);
    CHECK(told.find("locked") != std::string::npos);
    CHECK(world.driver->status().state == DeviceStatus::State::online);
    CHECK(world.driver->status().fault.find("locked") == std::string::npos);
}

TEST_CASE("a busy device is waited for, not given up") {
    World world(World::terminal());
    int asked = 0;
    world.device.on("GET", "/ISAPI/System/deviceInfo", [&](const net::HttpRequest&) {
        return ++asked < 4 ? net::HttpResponse{200, {}, golden("response_status.json")} : net::HttpResponse{200, {}, golden("device_info.xml")};
    });
    world.start();
    world.clock.run_for(6s); // 1 + 2 s of waiting so far, 4 to come
    CHECK(world.sink.count(Kind::device_online) == 0);
    world.clock.run_for(3s);
    REQUIRE(world.sink.count(Kind::device_online) == 1);
    CHECK(text_at(world.sink.of(Kind::device_online).front().facts, "firmware") == "DS-K1T341AMF V3.2.30");
}

TEST_CASE("a clock that is wrong is told once, set after the memory was read, and each setting is a record") {
    auto info = World::terminal();
    info.may_set_clock = true;
    info.options["ntp_server"] = "192.168.50.10";
    World world(info);
    Duration wrong = -92s;
    AcsMemory memory;
    memory.install(world.device);
    memory.add(1, world.clock.now() - 1h - 92s);
    world.device.on("GET", "/ISAPI/System/time", [&](const net::HttpRequest&) {
        return net::HttpResponse{200, {}, time_xml(world.clock.now() + wrong)};
    });
    world.device.on("PUT", "/ISAPI/System/time", [&](const net::HttpRequest&) {
        wrong = 0s;
        return net::HttpResponse{200, {}, status_xml(1, "ok")};
    });
    world.device.on("GET", "/ISAPI/System/time/ntpServers", replaced(golden("ntp_servers.xml"), "192.168.50.10", "10.0.0.1"));
    world.device.on("PUT", "/ISAPI/System/time/ntpServers", status_xml(1, "ok"));
    world.start();
    world.clock.run_for(5s);
    REQUIRE(world.sink.count(Kind::clock_skewed) == 1);
    const auto skewed = world.sink.of(Kind::clock_skewed).front();
    CHECK(std::abs(*number_at(skewed.facts, "offset_ms") + 92'000) <= 1000);
    CHECK(skewed.clock == ClockState::skewed);
    const auto pass = world.sink.of(Kind::pass_granted).at(0);
    CHECK(pass.clock == ClockState::skewed); // it was stamped by the clock as it was
    CHECK(bool_at(pass.facts, "recovered") == true);
    std::vector<std::string> settings;
    for (const auto& changed : world.sink.of(Kind::device_changed)) settings.push_back(*text_at(changed.facts, "setting"));
    CHECK(settings == std::vector<std::string>{"clock", "ntp_server"});
    CHECK(world.device.last_body("PUT /ISAPI/System/time/ntpServers") == golden("ntp_servers.xml"));
    CHECK(std::abs(*world.driver->status().clock_offset_us) < 1'000'000);
    world.clock.run_for(48h);
    CHECK(world.sink.count(Kind::clock_skewed) == 1);
}

TEST_CASE("a clock is neither judged nor set by an unsynced one, nor set when that is forbidden") {
    auto info = World::terminal();
    World world(info);
    bool allowed = false;
    SUBCASE("forbidden") {}
    SUBCASE("unsynced") {
        world.device_info.may_set_clock = true;
        world.make_driver();
        world.clock.set_quality(ClockQuality::unsynced);
        allowed = true;
    }
    world.device.on("GET", "/ISAPI/System/time", [&](const net::HttpRequest&) {
        return net::HttpResponse{200, {}, time_xml(world.clock.now() + 2h)};
    });
    world.start();
    world.clock.run_for(10s);
    CHECK(world.device.asked("PUT /ISAPI/System/time") == 0);
    CHECK(world.sink.count(Kind::clock_skewed) == (allowed ? 0 : 1));
    CHECK(world.sink.of(Kind::device_online).at(0).clock == (allowed ? ClockState::unsynced : ClockState::synced));
}

TEST_CASE("a long fault is shown up to a bound, and never cut inside a character") {
    World world(World::terminal());
    world.device.reachable = false;
    for (const auto* lead : {"", "x", "xx"}) { // wherever the bound falls, two of the three have it inside a character
        world.device.unreachable_because = lead;
        for (int i = 0; i < 200; ++i) world.device.unreachable_because += "门";
        world.start();
        world.clock.run_for(1s);
        CHECK(world.driver->status().fault.size() > 290);
        CHECK(world.driver->status().fault.size() <= 300);
        CHECK_MESSAGE(is_utf8(world.driver->status().fault), std::string(lead));
    }
}

TEST_CASE("a foreign push slot is never overwritten, and a slot that stores nothing is not believed") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    SUBCASE("all taken") {
        world.device.on("GET", "/ISAPI/Event/notification/httpHosts",
                        replaced(golden("http_hosts.xml"), "<hik:url>/</hik:url>", "<hik:url>/other</hik:url>"));
        world.start();
        world.clock.run_for(5s);
        CHECK(world.device.asked("PUT /ISAPI/Event/notification/httpHosts/1") == 0);
        CHECK(world.device.asked("PUT /ISAPI/Event/notification/httpHosts/2") == 0);
        CHECK(world.driver->status().fault.find("point elsewhere") != std::string::npos);
    }
    SUBCASE("says ok, stores nothing") {
        world.device.on("PUT", "/ISAPI/Event/notification/httpHosts/2", status_xml(1, "ok"));
        world.start();
        world.clock.run_for(5s);
        CHECK(world.driver->status().fault.find("stored nothing") != std::string::npos);
        CHECK(world.sink.count(Kind::device_changed) == 0);
    }
    CHECK(world.driver->status().state == DeviceStatus::State::online);
}

TEST_CASE("pushes that stop are looked into after one and a half heartbeats: a mute device is lost, a live one gets its slot again") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    auto ours = replaced(golden("http_hosts.xml"), "<hik:url>/</hik:url>", "<hik:url>/hik/face-1</hik:url>");
    ours = replaced(replaced(ours, "0.0.0.0", "192.168.50.10"), "50.10</hik:ipAddress><hik:portNo>80<", "50.10</hik:ipAddress><hik:portNo>8085<");
    world.device.on("GET", "/ISAPI/Event/notification/httpHosts", ours);
    world.device.on("PUT", "/ISAPI/Event/notification/httpHosts/2", status_xml(1, "ok"));
    world.start();
    world.clock.run_for(62s);
    CHECK(world.device.asked("PUT /ISAPI/Event/notification/httpHosts/2") == 0); // it stands there already
    CHECK(world.posted(R"({"eventType":"heartBeat","eventState":"active","dateTime":"2026-01-15T08:31:00+08:00"})") == 200);
    SUBCASE("live") {
        world.clock.run_for(50s);
        CHECK(!world.ended);
        CHECK(world.device.asked("PUT /ISAPI/Event/notification/httpHosts/2") == 1);
    }
    SUBCASE("mute") {
        world.device.mute = true;
        world.clock.run_for(61s);
        REQUIRE(world.ended);
        CHECK(world.ended->fault() == Fault::timed_out);
    }
}

TEST_CASE("a terminal's stream that only replays its log is given up after a minute, and its replays are no repeats") {
    auto info = World::terminal();
    info.options["stream"] = "yes";
    World world(info);
    AcsMemory memory;
    memory.install(world.device);
    const auto begin = world.clock.now() - 24h;
    for (std::uint64_t serial = 1; serial <= 300; ++serial) memory.add(serial, begin + std::chrono::seconds(serial));
    world.start();
    world.clock.run_for(2s);
    CHECK(world.sink.count(Kind::pass_granted) == 300);
    for (std::uint64_t i = 1; i <= 70 && world.device.streams.size() == 1; ++i) {
        world.device.send(ScriptedDevice::part(AcsMemory::push(i, begin + std::chrono::seconds(i), 75, "30112", std::nullopt, false),
                                               "Content-Type: application/json"));
        world.clock.run_for(1s);
    }
    CHECK(world.sink.count(Kind::pass_granted) == 300);
    CHECK(world.sink.conflicts == 0);
    const auto repeats = world.driver->status().repeats;
    CHECK(repeats >= 55);
    CHECK(repeats <= 62); // nobody listens any more
    world.clock.run_for(2min);
    CHECK(!world.ended);
    CHECK(world.device.streams.size() == 1);
}

TEST_CASE("a door is opened, a barrier lifted, and nothing is ever closed") {
    SUBCASE("terminal") {
        World world(World::terminal());
        world.device.on("PUT", "/ISAPI/AccessControl/RemoteControl/door/1", status_xml(1, "ok"));
        CHECK(opened(world, 1).has_value());
        CHECK(world.device.last_body("PUT /ISAPI/AccessControl/RemoteControl/door/1") == without_end(golden("open_door.xml")));
        CHECK(opened(world, 2).error().fault() == Fault::gone);
        CHECK(world.device.requests.size() == 1);
    }
    SUBCASE("terminal that wants JSON") {
        World world(World::terminal());
        world.device.on("PUT", "/ISAPI/AccessControl/RemoteControl/door/1", status_xml(4, "notSupport"), 403);
        world.device.on("PUT", "/ISAPI/AccessControl/RemoteControl/door/1?format=json", golden("response_status.json"));
        CHECK(opened(world, 1).error().fault() == Fault::busy); // told at once: a door does not wait for a busy device
        CHECK(world.device.requests.size() == 2);
    }
    SUBCASE("barrier that moves") {
        World world(World::plate_camera());
        world.device.on("PUT", "/ISAPI/Parking/channels/1/barrierGate", status_xml(1, "ok"));
        world.device.on("GET", "/ISAPI/Parking/channels/1/barrierGate/barrierGateStatus", replaced(golden("barrier_status.xml"), "us>1<", "us>2<"));
        CHECK(opened(world, 1).has_value());
        CHECK(world.device.last_body("PUT /ISAPI/Parking/channels/1/barrierGate") == without_end(golden("open_barrier.xml")));
    }
    SUBCASE("barrier that says yes and stays closed") {
        World world(World::plate_camera());
        world.device.on("PUT", "/ISAPI/Parking/channels/1/barrierGate", status_xml(1, "ok"));
        world.device.on("GET", "/ISAPI/Parking/channels/1/barrierGate/barrierGateStatus", golden("barrier_status.xml"));
        CHECK(opened(world, 1).error().fault() == Fault::refused);
    }
    SUBCASE("camera with a relay only") {
        World world(World::plate_camera());
        world.device.on("PUT", "/ISAPI/System/IO/outputs/1/trigger", status_xml(1, "ok"));
        CHECK(opened(world, 1).has_value());
        CHECK(world.device.asked("PUT /ISAPI/System/IO/outputs/1/trigger") == 2);
        CHECK(world.device.last_body("PUT /ISAPI/System/IO/outputs/1/trigger").find("low") != std::string::npos);
    }
}

TEST_CASE("names that devices send are in no record") {
    const std::string canary = "金丝雀CANARY";
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    world.device.on("GET", "/ISAPI/System/deviceInfo", replaced(golden("device_info.xml"), "李雷家门口", canary));
    world.start();
    world.clock.run_for(2s);
    auto event = replaced(replaced(AcsMemory::push(1, world.clock.now()), "李雷", canary), "3栋东门", canary);
    event = replaced(event, "\"label\":\t\"\"", "\"label\":\t\"" + canary + "\"");
    CHECK(world.posted(event) == 200);
    CHECK(world.posted(replaced(AcsMemory::push(2, world.clock.now()), "30112", canary)) == 200); // a site whose employee numbers are names
    CHECK(world.posted(replaced(AcsMemory::push(3, world.clock.now(), 199), "李雷", canary)) == 200);
    auto odd = replaced(golden("motion.xml"), "李雷", canary);
    CHECK(world.posted(odd, "application/xml") == 200);
    CHECK(world.posted(replaced(odd, "<eventType>VMD", "<eventType>" + canary), "application/xml") == 200);
    auto plate = replaced(golden("anpr.xml"), "南门入口", canary);
    plate = replaced(replaced(plate, "92TypeCivil", canary), "<color>white", "<color>" + canary);
    plate = replaced(plate, "<listType>allowList</listType>", "<vehicleListName>" + canary + "</vehicleListName>");
    CHECK(world.posted(plate, "application/xml") == 200);
    CHECK(world.sink.refused.empty());
    CHECK(world.sink.records.size() >= 7);
    for (const auto& record : world.sink.records) {
        CHECK(whole_text(record).find("CANARY") == std::string::npos);
        CHECK(whole_text(record).find("金丝雀") == std::string::npos);
    }
}

TEST_CASE("under the supervisor a device that goes mute is offline once, and online again when it answers") {
    World world(World::plate_camera());
    auto supervising = [](World& w) -> Task<void> {
        const Company company{w.pace, w.outage};
        co_await supervise(*w.driver, w.device_info, w.sink, w.surroundings, company);
    };
    world.group.spawn("supervisor", supervising(world));
    world.clock.run_for(1s);
    for (int i = 0; i < 4; ++i) {
        world.device.send(ScriptedDevice::part(golden("heartbeat.xml")));
        world.clock.run_for(10s);
    }
    world.device.mute = true;
    world.device.reachable = false;
    world.clock.run_for(10min);
    CHECK(world.sink.count(Kind::device_online) == 1);
    REQUIRE(world.sink.count(Kind::device_offline) == 1);
    CHECK(text_at(world.sink.of(Kind::device_offline).front().facts, "fault") == "timed_out");
    world.device.mute = false;
    world.device.reachable = true;
    world.clock.run_for(2min);
    CHECK(world.sink.count(Kind::device_online) >= 2);
}
