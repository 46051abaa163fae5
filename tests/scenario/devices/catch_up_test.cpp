// SPDX-License-Identifier: Apache-2.0
//
// What happened while we were away arrives once, or is a gap with its count (promise 3; F42, F43, F46).
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <set>
#include <thread>

using namespace gatehouse::harness;

namespace {

boost::json::value facts_of_first(Platform& platform, const std::string& kind, const std::string& key, const std::string& lane = "routine") {
    for (const auto& event : platform.kept(lane)) {
        if (event.kind != kind) continue;
        const auto whole = platform.event(event.sequence, lane);
        const auto& data = whole.at("data").as_object();
        if (data.contains("facts") && data.at("facts").as_object().contains(key)) return data.at("facts");
    }
    return nullptr;
}

std::size_t recovered(Platform& platform, const std::string& kind) {
    std::size_t count = 0;
    for (const auto& event : platform.kept()) {
        if (event.kind != kind) continue;
        const auto whole = platform.event(event.sequence);
        const auto& facts = whole.at("data").at("facts").as_object();
        if (facts.contains("recovered") && facts.at("recovered").as_bool()) ++count;
    }
    return count;
}

} // namespace

TEST_CASE("a controller away with 500 events in its memory: all recovered, once, and marked") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    auto& district = world.district();
    doors.swipe(8100001);
    district.wait_for_count("pass.granted", 1);
    world.gateway().stop(); // we are away
    for (int i = 0; i < 500; ++i) doors.swipe(8100001 + static_cast<std::uint32_t>(i % 40));
    world.gateway().start();
    district.wait_for_count("pass.granted", 501, "routine", 60s);
    std::this_thread::sleep_for(1s);
    CHECK(district.count("pass.granted") == 501);
    CHECK(recovered(district, "pass.granted") == 500);
    CHECK(district.count("gap") == 0);
    world.wait_until_sound();
}

TEST_CASE("a controller whose memory wrapped while we were away: a gap with the exact count") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    auto& district = world.district();
    doors.swipe(8100001);
    district.wait_for_count("pass.granted", 1);
    world.gateway().stop();
    for (int i = 0; i < 100; ++i) doors.swipe(8100002);
    doors.wrap_memory(41); // the first one and forty of the hundred are gone
    world.gateway().start();
    district.wait_for_count("gap", 1, "routine", 40s);
    district.wait_for_count("pass.granted", 61, "routine", 40s);
    const auto facts = facts_of_first(district, "gap", "count");
    CHECK(facts.at("count").to_number<int>() == 40);
    CHECK(facts.at("count_known").as_bool());
    CHECK(facts.at("of").as_string() == "doors");
    CHECK(district.count("pass.granted") == 61);
    world.wait_until_sound();
}

TEST_CASE("a face terminal away: its memory is read, and what it has forgotten is a gap") {
    World world;
    auto& terminal = world.face_terminal("east-door");
    world.start();
    auto& district = world.district();
    terminal.show_face("30112");
    district.wait_for_count("pass.granted", 1);
    world.gateway().stop();
    for (int i = 0; i < 20; ++i) terminal.show_face("30113");
    world.gateway().start();
    district.wait_for_count("pass.granted", 21, "routine", 60s);
    std::this_thread::sleep_for(1s);
    CHECK(district.count("pass.granted") == 21);
    world.gateway().stop();
    for (int i = 0; i < 5; ++i) terminal.show_face("30114");
    const auto newest = terminal.ledger().size();
    terminal.fault("forget", {{"count", newest - 4}});
    world.gateway().start();
    district.wait_for_count("gap", 1, "routine", 60s);
}

TEST_CASE("a plate camera whose pushes and stream were lost: its search brings the cars back") {
    World world;
    auto& camera = world.plate_camera("north-gate");
    world.start();
    auto& district = world.district();
    const auto cars = [](Platform& p) { return p.count("plate.read") + p.count("vehicle.entered") + p.count("vehicle.left"); };
    camera.drive("沪A7F3K2");
    district.wait_for("the first car", [&](Platform& p) { return cars(p) == 1; });
    world.gateway().stop();
    for (const auto* plate : {"沪B00001", "沪B00002", "沪B00003"}) {
        camera.drive(plate);
        std::this_thread::sleep_for(1100ms); // the camera's search knows seconds only
    }
    world.gateway().start();
    district.wait_for(
        "the other cars", [&](Platform& p) { return cars(p) >= 4; }, 40s);
    CHECK(cars(district) == 4);
    world.wait_until_sound();
}

TEST_CASE("a controller that goes silent becomes device.offline, and online again") {
    World world;
    auto& doors = world.uhppote("doors", {}, {{"heartbeat_s", "1"}});
    world.start();
    auto& district = world.district();
    district.wait_for_count("device.online", 1);
    doors.swipe(8100001);
    district.wait_for_count("pass.granted", 1);
    doors.unplug();
    district.wait_for_count("device.offline", 1, "urgent", 40s);
    doors.plug();
    district.wait_for_count("device.online", 2, "routine", 60s);
}

TEST_CASE("a wrong clock is told, and set right") {
    UhppoteOptions options;
    options.clock_offset_s = 600;
    World world;
    world.uhppote("doors", options);
    world.start();
    auto& district = world.district();
    district.wait_for_count("clock.skewed", 1, "routine", 30s);
    const auto facts = facts_of_first(district, "clock.skewed", "offset_ms");
    CHECK(std::abs(facts.at("offset_ms").to_number<std::int64_t>() - 600'000) < 5'000);
    district.wait_for("the clock set, as a record", [](Platform& p) { return p.count("device.changed") > 0; });
}

TEST_CASE("a wrong password is tried once, told in plain words, and locks nothing") {
    IsapiOptions options;
    options.heartbeat_s = 2;
    World world;
    auto& terminal = world.face_terminal("east-door", options);
    terminal.fault("wrong_password");
    world.start();
    std::string said;
    eventually("the refusal in the device list", [&] {
        said = world.gateway().ctl({"device", "list", "--lang", "en"});
        return said.find("password") != std::string::npos;
    });
    std::this_thread::sleep_for(3s);
    terminal.mend("wrong_password");
    CHECK(boost::json::serialize(terminal.state()).find("\"locked\":true") == std::string::npos);
}
