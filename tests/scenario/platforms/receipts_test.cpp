// SPDX-License-Identifier: Apache-2.0
//
// Each mode of receipts settles as W7 says, alarms overtake, requests are answered truly, and three consumers are one (W7, W11, W14).
#include "daemon/base/sha256.hpp"
#include "daemon/base/text.hpp"
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <set>
#include <vector>

using namespace gatehouse::harness;
namespace json = boost::json;

namespace {

constexpr auto seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

json::value lane_of(World& world, const std::string& upstream, const std::string& lane = "routine") {
    const auto status = json::parse(world.gateway().ctl({"upstream", "status", "--json"}));
    for (const auto& each : status.at("upstreams").as_array())
        if (each.at("name").as_string() == upstream)
            for (const auto& one : each.at("lanes").as_array())
                if (one.at("lane").as_string() == lane) return one;
    throw Trouble("no lane " + lane + " of " + upstream);
}

std::uint64_t waiting(World& world, const std::string& upstream) { return lane_of(world, upstream).at("waiting").to_number<std::uint64_t>(); }

json::value answer_to(Platform& platform, const json::object& request) {
    const auto before = platform.application().control().get("/answers").as_array().size();
    platform.application().control().post("/request", request);
    platform.wait_for("an answer", [&](Platform& p) { return p.application().control().get("/answers").as_array().size() > before; });
    return platform.application().control().get("/answers").as_array().back().at("answer");
}

} // namespace

TEST_CASE("receipts by through, by PUBACK and none at all: each settles, and what a PUBACK settled can be asked for again") {
    PlatformOptions cumulative, puback, none;
    cumulative.receipts = "cumulative";
    puback.receipts = "puback";
    puback.request_seed = seed;
    none.receipts = "none";
    World world;
    auto& through = world.platform("cumulative", cumulative);
    auto& acked = world.platform("puback", puback);
    auto& one_way = world.platform("none", none);
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(40);
    for (auto* platform : {&through, &acked, &one_way}) world.wait_until_all_arrived(*platform);
    for (auto* platform : {&through, &acked, &one_way})
        eventually(platform->name() + " settles", [&] { return waiting(world, platform->name()) == 0; });
    CHECK(through.figure("receipts_sent") > 0);
    CHECK(acked.figure("receipts_sent") == 0);
    CHECK(one_way.figure("receipts_sent") == 0);

    // Without the application's word nothing moves, where there is one to wait for.
    through.application().fault("silent");
    doors.burst(10);
    for (auto* platform : {&through, &acked, &one_way}) world.wait_until_all_arrived(*platform);
    eventually("puback settles", [&] { return waiting(world, "puback") == 0; });
    CHECK(waiting(world, "cumulative") >= 10);
    through.application().mend("silent");
    eventually(
        "cumulative settles", [&] { return waiting(world, "cumulative") == 0; }, 40s);

    // Replayable: by the platform's request, and by the technician's hand.
    const auto kept = acked.kept().size();
    acked.application().control().post("/forget", json::object{{"lane", "routine"}, {"events", 5}, {"ask", true}});
    acked.wait_for("what it forgot", [&](Platform& p) { return p.kept().size() >= kept && p.figure("holes") == 0; });
    acked.application().control().post("/forget", json::object{{"lane", "routine"}, {"events", 5}, {"ask", false}});
    world.gateway().ctl({"upstream", "resend", "puback", "routine", "1", "1000"});
    acked.wait_for("what it forgot again", [&](Platform& p) { return p.kept().size() >= kept && p.figure("holes") == 0; });
    CHECK(acked.figure("altered") == 0);
}

TEST_CASE("an alarm overtakes five thousand waiting events") {
    PlatformOptions options;
    options.batch_records_max = 20;
    World world;
    auto& district = world.platform("district", options);
    std::vector<UhppoteDoors*> all;
    for (unsigned i = 1; i <= 4; ++i) {
        UhppoteOptions with;
        with.serial += i;
        with.address = "127.0.0." + std::to_string(i);
        all.push_back(&world.uhppote("doors-" + std::to_string(i), with));
    }
    world.start();
    district.wait_for_count("device.online", 4);
    district.cable().cut();
    for (auto* doors : all) doors->traffic(400);
    const auto status = [&] { return world.gateway().ctl({"status", "--json"}); };
    eventually(
        "five thousand in the log, and none of them sent", [&] { return json::parse(status()).at("head").to_number<int>() >= 5000; }, 40s, status);
    for (auto* doors : all) doors->traffic(0);
    all.front()->force_door(1);
    eventually("the alarm in the log", [&] { return world.gateway().ctl({"tail", "--once"}).find("door.forced") != std::string::npos; });
    district.cable().set_speed(1'000'000);
    district.cable().mend();
    std::size_t routine_then = 0;
    district.wait_for(
        "the alarm",
        [&](Platform& p) {
            routine_then = p.kept("routine").size();
            return p.count("door.forced", "urgent") >= 1;
        },
        40s);
    CHECK(routine_then < 2500);
    district.wait_for(
        "the backlog", [](Platform& p) { return p.kept("routine").size() >= 4000 && p.figure("holes") == 0; }, 60s);
}

TEST_CASE("digest and snapshot, asked for by the platform, agree with what it keeps") {
    PlatformOptions options;
    options.request_seed = seed;
    World world;
    auto& district = world.platform("district", options);
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(25);
    world.wait_until_all_arrived(district);
    const auto kept = district.kept();
    const auto last = kept.back().sequence;
    const auto digest = answer_to(district, {{"verb", "digest"}, {"args", {{"lane", "routine"}, {"first", 1}, {"last", last}}}});
    REQUIRE(digest.at("ok") == true);
    CHECK(digest.at("result").at("count").to_number<std::size_t>() == kept.size());
    CHECK(digest.at("result").at("epoch").as_string() == kept.back().epoch);
    CHECK(digest.at("result").at("key") == district.application().state().at("key"));
    // The sum over what the application keeps, reckoned here and not by the gateway.
    gatehouse::Bytes sums;
    for (const auto& event : kept) {
        const auto bytes = district.application().control().ask("GET", "/event?lane=routine&sequence=" + std::to_string(event.sequence)).body;
        const auto sum = gatehouse::sha256(gatehouse::as_bytes(bytes));
        sums.insert(sums.end(), sum.begin(), sum.end());
    }
    CHECK(digest.at("result").at("sha256").as_string() == gatehouse::to_hex(gatehouse::sha256(sums)));

    const auto devices = answer_to(district, {{"verb", "snapshot"}, {"args", {{"class", "devices"}}}});
    REQUIRE(devices.at("ok") == true);
    REQUIRE(devices.at("result").at("items").as_array().size() == 1);
    CHECK(devices.at("result").at("items").at(0).at("id") == "doors");
    const auto persons = answer_to(district, {{"verb", "snapshot"}, {"args", {{"class", "persons"}}}});
    CHECK(persons.at("ok") == false);
}

TEST_CASE("an application that is silent, or forgets what it receipted, has everything in the end") {
    PlatformOptions options;
    options.request_seed = seed;
    World world;
    auto& district = world.platform("district", options);
    auto& doors = world.uhppote("doors");
    world.start();
    district.application().fault("silent");
    doors.burst(30);
    world.wait_until_all_arrived(district);
    CHECK(waiting(world, "district") >= 30);
    district.application().mend("silent"); // nobody tells the gateway: it sends again by itself
    eventually(
        "settled", [&] { return waiting(world, "district") == 0; }, 40s);
    CHECK(district.application().state().at("silenced").to_number<int>() > 0);
    const auto kept = district.kept().size();
    district.application().fault("forgetful", {{"events", 9}, {"lane", "routine"}});
    doors.burst(5);
    district.wait_for("all of it", [&](Platform& p) { return p.kept().size() >= kept + 5 && p.figure("holes") == 0; });
    CHECK(district.figure("altered") == 0);
}

TEST_CASE("three consumers of one shared subscription, one of them killed: each event once, no hole") {
    TempDir store("shared");
    PlatformOptions options;
    options.more = {"--share", "district", "--state", store.path().string()};
    World world;
    auto& district = world.platform("district", options);
    auto& doors = world.uhppote("doors");
    world.start_platforms();
    std::vector<std::unique_ptr<Simulator>> others;
    for (const std::string name : {"second", "third"})
        others.push_back(std::make_unique<Simulator>(name, "sim-platform",
                                                     std::vector<std::string>{"--broker", "127.0.0.1:" + std::to_string(district.broker().port()),
                                                                              "--root", "gatehouse/v1/gw-0001", "--gateway", "gw-0001", "--upstream",
                                                                              "district", "--client-id", name, "--session-expiry", "86400", "--share",
                                                                              "district", "--state", store.path().string()},
                                                     world.folder()));
    for (auto& other : others) eventually(other->name() + " connected", [&] { return other->state().at("connected").as_bool(); });
    world.gateway().start();
    doors.traffic(100);
    district.wait_for("a hundred events", [](Platform& p) { return p.kept().size() >= 100; });
    others.front()->kill();
    district.wait_for("three hundred events", [](Platform& p) { return p.kept().size() >= 300; });
    doors.traffic(0);
    world.wait_until_all_arrived(district, 60s);
    CHECK(others.back()->state().at("bytes_received").to_number<int>() > 0);
    CHECK(district.application().state().at("kept_twice") == 0);
    std::set<std::uint64_t> seen;
    for (const auto& event : district.kept()) CHECK(seen.insert(event.sequence).second);
    CHECK(district.figure("holes") == 0);
    CHECK(district.figure("altered") == 0);
}
