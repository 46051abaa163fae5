// SPDX-License-Identifier: Apache-2.0
//
// Nothing that a platform is entitled to is lost, whatever the way to it does (promises 1 and 2; F24, F25, F28, F36).
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

using namespace gatehouse::harness;

namespace {

void check_whole(World& world, Platform& platform) {
    world.wait_until_sound();
    for (const auto* lane : {"routine", "urgent"}) {
        CHECK_MESSAGE(platform.figure("holes", lane) == 0, lane);
        CHECK_MESSAGE(platform.figure("altered", lane) == 0, lane);
        CHECK_MESSAGE(platform.figure("nonconforming", lane) == 0, lane);
        const auto kept = platform.kept(lane);
        for (std::size_t i = 1; i < kept.size(); ++i) REQUIRE_MESSAGE(kept[i].previous == kept[i - 1].sequence, lane, " at ", kept[i].sequence);
    }
}

} // namespace

TEST_CASE("broker gone under load: every event arrives, once, in order within its lane") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    doors.traffic(40);
    world.district().wait_for("fifty events", [](Platform& p) { return p.kept().size() >= 50; });
    world.district().broker().kill();
    std::this_thread::sleep_for(4s); // the outage itself
    world.district().broker().start();
    std::this_thread::sleep_for(1s);
    doors.traffic(0);
    world.wait_until_all_arrived(world.district(), 60s);
    check_whole(world, world.district());
}

TEST_CASE("a broker that acknowledges and forgets: what it lost is sent again until the application has it") {
    PlatformOptions options;
    options.batch_records_max = 1;
    options.broker.is_persistent = true;
    World world;
    auto& district = world.platform("district", options);
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(20);
    world.wait_until_all_arrived(district);
    // The application is away, the broker acknowledges into its memory, and dies before anything is delivered.
    district.application().process().freeze();
    // Of 800 as many as a lane runs ahead of its receipts; the others wait in the log.
    doors.burst(800);
    eventually(
        "500 messages acknowledged by the broker",
        [&] {
            const auto answer = world.gateway().api().get("/api/v1/upstreams");
            for (const auto& lane : answer.at("upstreams").at(0).at("lanes").as_array())
                if (lane.at("lane").as_string() == "routine") return lane.at("published").to_number<std::uint64_t>() >= 500;
            return false;
        },
        60s);
    district.broker().kill();
    district.broker().forget();
    district.broker().start();
    district.application().process().thaw();
    world.wait_until_all_arrived(district, 60s);
    check_whole(world, district);
    CHECK(world.all_made().size() >= 820);
}

namespace {

/// SIGKILL after 0 to 400 ms of work, so many times: also while it starts, catches up with the doors or with the platform.
void kill_again_and_again(int kills) {
    const auto* given = std::getenv("GATEHOUSE_SEED");
    const unsigned seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device()();
    std::printf("GATEHOUSE_SEED=%u\n", seed);
    std::mt19937 chance(seed);
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    doors.traffic(60);
    for (int i = 0; i < kills; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(chance() % 400));
        world.gateway().kill_and_start();
    }
    doors.traffic(0);
    world.wait_until_all_arrived(world.district(), 60s);
    check_whole(world, world.district());
    std::map<std::string, std::size_t> times;
    for (const auto& event : world.district().kept()) ++times[event.id];
    for (const auto& [id, count] : times) CHECK(count == 1);
}

} // namespace

TEST_CASE("the gateway killed at random moments: every acknowledged event is at the platform once") { kill_again_and_again(20); }

TEST_SUITE("long" * doctest::skip()) {
    TEST_CASE("the gateway killed two hundred times under load: every acknowledged event is at the platform once (F01)") {
        kill_again_and_again(200);
    }
}

TEST_CASE("one refused event becomes a dead letter, and the lane goes on") {
    World world;
    auto& doors = world.uhppote("doors");
    auto& district = world.platform("district");
    world.start();
    doors.swipe(8100001);
    district.wait_for_count("pass.granted", 1);
    district.application().fault("refuse", {{"kind", "pass.denied"}, {"times", 1}, {"reason", "no such door"}});
    doors.swipe(9999999); // unknown card: denied
    doors.swipe(8100002);
    district.wait_for_count("pass.granted", 2);
    district.wait_for_count("upstream.refused", 1);
    CHECK(district.figure("refused") == 1);
    CHECK(district.figure("holes") == 0);
}

TEST_CASE("receipts that lie move nothing: unsent positions, another epoch, no JSON") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    auto& district = world.district();
    doors.swipe(8100001);
    district.wait_for_count("pass.granted", 1);
    for (const auto* how : {"unsent", "epoch", "malformed"}) {
        district.application().fault("wrong", {{"how", how}, {"times", 1}});
        const auto before = district.application().state().at("wrong_sent").to_number<int>();
        doors.swipe(8100002);
        district.wait_for(std::string("a wrong receipt: ") + how,
                          [&](Platform& p) { return p.application().state().at("wrong_sent").to_number<int>() > before; });
    }
    doors.burst(20);
    world.wait_until_all_arrived(district, 40s);
    check_whole(world, district);
}

TEST_CASE("a slow, a reordering and a repeating application get everything once") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    auto& district = world.district();
    district.application().fault("slow", {{"ms", 300}, {"times", 10}});
    doors.burst(50);
    district.application().fault("reordered_receipts");
    doors.burst(50);
    district.application().fault("duplicate_receipts");
    doors.burst(50);
    world.wait_until_all_arrived(district, 40s);
    check_whole(world, district);
}

TEST_CASE("an application that lost its newest events asks for them by a signed request, and a forged request gets nothing") {
    PlatformOptions options;
    options.request_seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    World world;
    auto& district = world.platform("district", options);
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(30);
    world.wait_until_all_arrived(district);
    const auto before = district.kept().size();
    for (const auto* how : {"forged", "expired", "tampered", "unsigned", "too_old"})
        district.application().control().post(
            "/request", boost::json::object{{"verb", "resend"}, {"args", {{"lane", "routine"}, {"first", 1}, {"last", 100}}}, {"how", how}});
    district.application().control().post("/forget", boost::json::object{{"lane", "routine"}, {"events", 7}, {"ask", true}});
    district.wait_for(
        "the forgotten events", [&](Platform& p) { return p.kept().size() >= before; }, 30s);
    check_whole(world, district);
}
