// SPDX-License-Identifier: Apache-2.0
//
// Devices that bring too much at once, or the same again (F38, F42, F43): counts, order and bounds hold for them and for their neighbours.
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

using namespace gatehouse::harness;
namespace oracle = gatehouse::oracle;
namespace json = boost::json;

namespace {

std::size_t rows_of(const oracle::Evidence& evidence, const std::string& device, const std::string& kind = {}) {
    return static_cast<std::size_t>(std::count_if(evidence.log.records.begin(), evidence.log.records.end(), [&](const oracle::LogRecord& record) {
        return record.source == device && record.device_key && (kind.empty() || record.kind == kind);
    }));
}

} // namespace

TEST_CASE("a flood of 10,000 a second beside 64 others: every event once, in order, within bounds, and the alarm of another goes through" *
          doctest::test_suite("long") * doctest::skip()) {
    GatewayOptions options;
    options.device_records_per_s_max = 3000;
    options.device_burst_records_max = 500;
    World world(options);
    std::vector<UhppoteDoors*> others;
    for (unsigned i = 1; i <= 64; ++i) {
        UhppoteOptions with;
        with.serial += i;
        with.address = "127.0.1." + std::to_string(i);
        others.push_back(&world.uhppote("doors-" + std::to_string(i), with));
    }
    auto& loud = world.face_terminal("loud");
    loud.fault("no_pictures");
    world.expect_holes("loud"); // its stream overflows; what it dropped there is read from its memory
    world.start();
    auto& district = world.district();
    district.wait_for_count("device.online", 65, "routine", 60s);
    constexpr std::size_t flooded = 10'000;
    loud.control().post("/traffic", json::object{{"per_s", 10'000}, {"count", flooded}});
    for (auto* doors : others) doors->burst(3);
    others.back()->force_door(1);
    district.wait_for_count("door.forced", 1, "urgent", 60s);
    eventually(
        "the whole flood made",
        [&] {
            world.look();
            return loud.state().at("events_made").to_number<std::size_t>() >= flooded;
        },
        60s);
    world.wait_until_sound(120s);
    const auto evidence = world.evidence();
    CHECK(rows_of(evidence, "loud") >= flooded); // and what follows upon a pass
    for (auto* doors : others) CHECK(rows_of(evidence, doors->name()) >= 3);
}

TEST_CASE("numbers repeated, contradicted and begun again: a repeat is stored once, a contradiction beside the first, a new count as a new one") {
    World world;
    auto& terminal = world.face_terminal("east-door");
    auto& camera = world.plate_camera("north-gate");
    world.start();
    auto& district = world.district();
    district.wait_for_count("device.online", 2);
    for (const auto* person : {"30112", "30113", "30114"}) terminal.show_face(person);
    for (const auto* plate : {"沪A7F3K2", "沪B00001"}) camera.drive(plate);
    world.wait_until_sound();
    terminal.fault("duplicate", {{"count", 3}});
    camera.fault("duplicate", {{"count", 2}});
    camera.fault("resend", {{"count", 2}});
    terminal.fault("conflict");
    camera.fault("conflict");
    world.wait_until_sound();
    std::this_thread::sleep_for(1100ms); // a terminal's clock knows seconds only
    terminal.fault("serial_reset");
    camera.fault("serial_reset");
    for (const auto* person : {"30115", "30116", "30117"}) terminal.show_face(person);
    camera.drive("沪B00002");
    world.wait_until_sound();
    const auto evidence = world.evidence();
    CHECK(rows_of(evidence, "east-door") == 7);
    CHECK(rows_of(evidence, "north-gate") == 4);
    const auto contradicts = [](const oracle::LogRecord& record) { return record.subject == "person:39999" && record.conflicts_with.has_value(); };
    CHECK(std::count_if(evidence.log.records.begin(), evidence.log.records.end(), contradicts) == 1);
    // Read back from a memory in which both counts stand: nothing is lost, and the log does not grow with each search.
    world.gateway().stop();
    world.gateway().start();
    terminal.show_face("30118");
    eventually("the last face", [&] {
        const auto records = world.evidence().log.records;
        return std::any_of(records.begin(), records.end(), [](const oracle::LogRecord& record) { return record.subject == "person:30118"; });
    });
    world.wait_until_all_arrived(district);
    CHECK(rows_of(world.evidence(), "east-door") <= 2 * 8);
}

TEST_CASE("a terminal that brings 50,000 old events: all of them once and in order, while an alarm goes on at once" * doctest::test_suite("long") *
          doctest::skip()) {
    World world;
    auto& terminal = world.face_terminal("east-door");
    auto& doors = world.uhppote("doors");
    terminal.fault("no_pictures");
    world.expect_holes("east-door"); // what it still pushes comes before what is read
    world.start();
    auto& district = world.district();
    district.wait_for_count("device.online", 2);
    terminal.show_face("30112");
    district.wait_for_count("pass.granted", 1);
    world.gateway().stop();
    terminal.control().post("/traffic", json::object{{"per_s", 100'000}, {"count", 30'000}});
    eventually(
        "fifty thousand in its memory", [&] { return terminal.ledger().size() > 50'000; }, 60s);
    world.gateway().start();
    const auto in_log = [&] { return json::parse(world.gateway().ctl({"status", "--json"})).at("head").to_number<std::size_t>(); };
    eventually(
        "the first thousand", [&] { return in_log() > 1000; }, 60s);
    doors.force_door(1);
    district.wait_for_count("door.forced", 1, "urgent", 60s);
    CHECK(in_log() < 50'000); // the alarm did not wait for the others
    world.wait_until_sound(900s);
    CHECK(rows_of(world.evidence(), "east-door") > 50'000);
}
