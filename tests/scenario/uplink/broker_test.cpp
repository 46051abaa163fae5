// SPDX-License-Identifier: Apache-2.0
//
// mosquitto as Debian ships it: what it acknowledged and lost is brought back, whoever has to say so (F25, F28, F29).
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <algorithm>

using namespace gatehouse::harness;
namespace json = boost::json;

namespace {

constexpr auto seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

std::vector<UhppoteDoors*> four_doors(World& world) {
    std::vector<UhppoteDoors*> all;
    for (unsigned i = 1; i <= 4; ++i) {
        UhppoteOptions with;
        with.serial += i;
        with.address = "127.0.0." + std::to_string(i);
        all.push_back(&world.uhppote("doors-" + std::to_string(i), with));
    }
    return all;
}

void make_events(World& world, const std::vector<UhppoteDoors*>& all, std::size_t each) {
    for (auto* doors : all) doors->control().post("/traffic", json::object{{"per_s", 400}, {"count", each}});
    eventually(
        "everything in the log",
        [&] {
            world.look();
            return json::parse(world.gateway().ctl({"status", "--json"})).at("head").to_number<std::size_t>() >= each * all.size();
        },
        60s, [&] { return world.gateway().ctl({"status"}); });
}

std::uint64_t pubacked(Platform& platform) {
    // PUBACK, MQTT 5.0: four bytes where the reason is success, as mosquitto sends it.
    const auto down = platform.cable().sent_down();
    std::uint64_t count = 0;
    for (std::size_t at = 0; (at = down.find("\x40\x02", at)) != std::string::npos; at += 4) ++count;
    return count;
}

} // namespace

TEST_CASE("stock queue limits, receipts: the lane stops ahead of an application that is away, and 5,000 of 5,000 arrive") {
    PlatformOptions options;
    options.batch_records_max = 1;
    World world;
    auto& district = world.platform("district", options);
    const auto doors = four_doors(world);
    world.start();
    district.wait_for_count("device.online", 4);
    district.application().kill();
    make_events(world, doors, 1250);
    eventually("five hundred that the broker has taken", [&] { return pubacked(district) >= 500; });
    district.application().start();
    world.wait_until_sound(90s);
    CHECK(district.kept().size() + district.kept("urgent").size() >= 5000);
}

TEST_CASE("stock queue limits, PUBACK alone: the holes are seen, asked for by sequence, and 5,000 of 5,000 are there" * doctest::test_suite("long") *
          doctest::skip()) {
    PlatformOptions options;
    options.batch_records_max = 1;
    options.receipts = "puback";
    options.request_seed = seed;
    World world;
    auto& district = world.platform("district", options);
    const auto doors = four_doors(world);
    world.start();
    district.wait_for_count("device.online", 4);
    district.application().kill();
    make_events(world, doors, 1250);
    const auto waiting = [&] {
        const auto status = json::parse(world.gateway().ctl({"upstream", "status", "--json"}));
        std::uint64_t sum = 0;
        for (const auto& lane : status.at("upstreams").at(0).at("lanes").as_array()) sum += lane.at("waiting").to_number<std::uint64_t>();
        return sum;
    };
    eventually(
        "a lane that has sent all", [&] { return waiting() == 0; }, 60s);
    district.application().start();
    // The broker has dropped its newest: the next event says that there is a hole before it.
    doors.front()->swipe(8100001);
    doors.front()->force_door(1);
    district.wait_for("the holes", [](Platform& p) { return p.figure("holes") > 0; });
    const auto there = district.kept().size();
    CHECK(there < 2000);
    for (const std::string lane : {"routine", "urgent"})
        district.application().control().post("/request",
                                              json::object{{"verb", "resend"}, {"args", {{"lane", lane}, {"first", 1}, {"last", 10'000}}}});
    world.wait_until_sound(90s);
    CHECK(district.kept().size() + district.kept("urgent").size() >= 5000);
    for (const std::string lane : {"routine", "urgent"}) {
        CHECK(district.figure("altered", lane) == 0);
        CHECK(district.application().state().at("lanes").at(lane).at("digests").at("bad") == 0);
    }
}

TEST_SUITE("long") {
    TEST_CASE("a flapping broker: each time it is up something arrives, and nobody storms it" * doctest::skip()) {
        World world;
        auto& doors = world.uhppote("doors");
        world.start();
        auto& district = world.district();
        doors.traffic(20);
        district.wait_for("the first events", [](Platform& p) { return p.kept().size() >= 20; });
        const auto from = std::chrono::steady_clock::now();
        const auto connections_before = district.cable().connections_made();
        for (int flap = 0; flap < 5; ++flap) {
            const auto before = district.kept().size();
            district.broker().kill();
            district.broker().start();
            district.wait_for(
                "progress", [&](Platform& p) { return p.kept().size() > before + 20; }, 120s);
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - from;
        CHECK(static_cast<double>(district.cable().connections_made() - connections_before) <= took.count() + 5);
        doors.traffic(0);
        world.wait_until_sound(90s);
    }
}
