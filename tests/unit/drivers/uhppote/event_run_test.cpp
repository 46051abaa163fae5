// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/event_run.hpp"

#include "tests/unit/drivers/uhppote/site.hpp"

#include <numeric>

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;
using namespace gatehouse::tests;

namespace {
std::vector<std::uint64_t> from_to(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> numbers(last - first + 1);
    std::iota(numbers.begin(), numbers.end(), first);
    return numbers;
}
std::vector<std::uint64_t> sorted(std::vector<std::uint64_t> numbers) {
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}
} // namespace

TEST_CASE("a pushed event is stored with its mark at once, as live; its heartbeats are not stored") {
    Site site;
    site.start();
    site.controller.happen();
    site.clock.run_for(100ms);
    REQUIRE(site.sink.keys() == from_to(1, 1));
    const auto& record = site.sink.records.back();
    CHECK(record.kind == Kind::pass_granted);
    CHECK(record.subject == "card:8112345");
    CHECK(!record.facts.contains("recovered"));
    CHECK(site.mark().number == 1);
    site.heartbeats();
    site.clock.run_for(2min);
    CHECK(site.sink.keys() == from_to(1, 1));
    CHECK(site.driver->inbox().heartbeats >= 6);
    CHECK(site.driver->status().events == 1);
}

TEST_CASE("the same event pushed and read back is the same: kind, key, sameness") {
    Site site;
    site.start();
    site.controller.happen();
    site.controller.happen({.type = 3, .granted = 0, .door = 2, .direction = 0, .card = 5, .reason = 38});
    site.clock.run_for(1s);
    const auto live = site.sink.records;
    site.sink.records.clear();
    site.sink.marks.clear();
    site.group.cancel();
    site.clock.run_for(1ms);
    site.start();
    const auto read = site.sink.of_kind(Kind::door_forced);
    REQUIRE(read.size() == 1);
    CHECK(read[0].same_as == live.back().same_as);
    CHECK(read[0].device_key->id == live.back().device_key->id);
    CHECK(read[0].subject.empty());
    CHECK(read[0].facts.at("recovered") == true);
}

TEST_CASE("a live event beyond a hole is stored without the mark; catch-up fills the hole and drops it by its key") {
    Site site;
    site.start();
    site.controller.happen();
    site.clock.run_for(1s);
    site.controller.happen({}, false);
    site.controller.happen({}, false);
    site.controller.swallow_answers = 100;
    site.controller.happen();
    site.clock.run_for(1s);
    CHECK(site.sink.keys() == std::vector<std::uint64_t>{1, 4});
    CHECK(site.mark().number == 1);
    site.controller.swallow_answers = 0;
    site.clock.run_for(5s);
    CHECK(site.sink.keys() == std::vector<std::uint64_t>{1, 4, 2, 3});
    CHECK(site.mark().number == 4);
    CHECK(site.sink.repeated == 1);
    CHECK(site.sink.records.back().facts.contains("recovered"));
}

TEST_CASE("offline for an hour with 500 events in its memory: all recovered, once, in order") {
    Site site;
    site.start();
    site.controller.happen();
    site.clock.run_for(1s);
    site.controller.silent = true;
    site.clock.run_for(2min);
    REQUIRE(site.over);
    for (int i = 0; i < 500; ++i) {
        site.controller.happen({}, false);
        site.clock.run_for(7s);
    }
    site.controller.silent = false;
    site.start(60s);
    CHECK(site.sink.keys() == from_to(1, 501));
    CHECK(site.mark().number == 501);
    CHECK(site.driver->status().recovered == 500);
    CHECK(site.sink.of_kind(Kind::gap).empty());
}

TEST_CASE("pushes during a long catch-up are stored meanwhile, and once") {
    Site site;
    for (int i = 0; i < 300; ++i) site.controller.happen({}, false);
    site.start(3s);
    CHECK(site.mark().number > 50);
    CHECK(site.mark().number < 250);
    site.controller.happen();
    site.clock.run_for(2s);
    const auto keys = site.sink.keys();
    CHECK(std::find(keys.begin(), keys.end(), 301) != keys.end());
    CHECK(site.mark().number < 300);
    site.clock.run_for(20s);
    CHECK(sorted(site.sink.keys()) == from_to(1, 301));
    CHECK(site.mark().number == 301);
}

TEST_CASE("a controller whose memory wrapped while we were away: a gap with the exact count") {
    Site site;
    site.sink.marks["north-doors"] = SourceMark{0, 10, ""};
    for (int i = 0; i < 120; ++i) site.controller.happen({}, false);
    site.controller.wrap(65);
    site.start(10s);
    const auto gaps = site.sink.of_kind(Kind::gap);
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0].source == "north-doors");
    CHECK(gaps[0].facts.at("of") == "north-doors");
    CHECK(gaps[0].facts.at("cause") == "overwritten");
    CHECK(gaps[0].facts.at("count").to_number<int>() == 54);
    CHECK(gaps[0].facts.at("count_known") == true);
    CHECK(gaps[0].facts.at("first").to_number<int>() == 11);
    CHECK(gaps[0].facts.at("last").to_number<int>() == 64);
    CHECK(site.sink.keys() == from_to(65, 120));
    CHECK(site.driver->status().lost == 54);
    CHECK(site.mark().number == 120);
}

TEST_CASE("an event that had been pushed beyond the hole is not counted as lost") {
    Site site;
    site.start();
    site.controller.happen();
    site.clock.run_for(1s);
    site.controller.happen({}, false);
    site.controller.swallow_answers = 3;
    site.controller.happen(); // index 3 comes, 2 does not
    site.clock.run_for(5s);
    site.controller.happen({}, false);
    site.controller.happen({}, false);
    site.controller.wrap(5); // 2, 3 and 4 are overwritten; 3 is ours
    site.clock.run_for(60s);
    const auto gaps = site.sink.of_kind(Kind::gap);
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0].facts.at("count").to_number<int>() == 2);
    CHECK(site.sink.keys() == std::vector<std::uint64_t>{1, 3, 5});
}

TEST_CASE("a log that was cleared: next generation from its first event, and a gap of unknown size") {
    Site site;
    site.start();
    for (int i = 0; i < 5; ++i) site.controller.happen();
    site.clock.run_for(1s);
    site.controller.clear_log();
    site.clock.run_for(61s);
    REQUIRE(site.sink.of_kind(Kind::gap).size() == 1);
    CHECK(site.sink.of_kind(Kind::gap)[0].facts.at("count_known") == false);
    CHECK(site.sink.of_kind(Kind::gap)[0].facts.at("first").to_number<int>() == 6);
    site.controller.happen();
    site.controller.happen();
    site.clock.run_for(1s);
    CHECK(site.sink.keys(0) == from_to(1, 5));
    CHECK(site.sink.keys(1) == from_to(1, 2));
    CHECK(site.mark() == SourceMark{1, 2, site.mark().text});
    site.clock.run_for(5min);
    CHECK(site.sink.of_kind(Kind::gap).size() == 1);
}

TEST_CASE("a log that was cleared and has grown past our mark is found out by the event that stands there now") {
    Site site;
    site.start();
    for (int i = 0; i < 5; ++i) site.controller.happen();
    site.clock.run_for(1s);
    site.controller.silent = true;
    site.clock.run_for(2min);
    REQUIRE(site.over);
    site.controller.clear_log();
    for (int i = 0; i < 8; ++i) {
        site.controller.happen({}, false);
        site.clock.run_for(3s);
    }
    site.controller.silent = false;
    site.start(10s);
    CHECK(site.sink.keys(0) == from_to(1, 5));
    CHECK(site.sink.keys(1) == from_to(1, 8));
    CHECK(site.sink.of_kind(Kind::gap).size() == 1);
    CHECK(site.mark().generation == 1);
}

TEST_CASE("never heard of: the whole memory is read, or nothing of it where the option says so") {
    Site site;
    for (int i = 0; i < 30; ++i) site.controller.happen({}, false);
    site.controller.wrap(21);
    site.start(5s);
    CHECK(site.sink.keys() == from_to(21, 30));
    CHECK(site.sink.of_kind(Kind::gap).empty());

    Site other([](auto& device) { device.options["history"] = "none"; });
    for (int i = 0; i < 30; ++i) other.controller.happen({}, false);
    other.start(5s);
    CHECK(other.sink.keys().empty());
    other.controller.happen();
    other.clock.run_for(1s);
    CHECK(other.sink.keys() == from_to(31, 31));
}

TEST_CASE("a heartbeat that brings an event late says that it was recovered") {
    Site site;
    site.start();
    site.controller.happen({}, false);
    site.clock.run_for(20s);
    site.controller.push_last();
    site.clock.run_for(1s);
    REQUIRE(site.sink.keys() == from_to(1, 1));
    CHECK(site.sink.records.back().facts.contains("recovered"));
}

TEST_CASE("a disk that fails: the conversation goes on, each event is offered at once, the mark stays, and all come when it is back") {
    Site site;
    site.start();
    site.sink.fault = Fault::full;
    const auto before = site.sink.offered;
    site.controller.happen();
    site.clock.run_for(1s);
    CHECK(site.sink.offered > before);
    const auto after_first = site.sink.offered;
    // A second one is offered as soon as it comes, not when the disk is back: an alarm goes up that way.
    site.controller.happen();
    site.clock.run_for(1s);
    CHECK(site.sink.offered > after_first);
    site.clock.run_for(30s);
    CHECK_FALSE(site.over);
    CHECK(site.sink.keys().empty());
    CHECK(site.sink.offered < after_first + 20); // no storm of readings meanwhile
    site.sink.fault.reset();
    site.clock.run_for(10s);
    CHECK(site.sink.keys() == from_to(1, 2));
    CHECK_FALSE(site.over);
}

TEST_CASE("a flood fills a bounded box; what is dropped there is counted and read from the controller's memory") {
    Site site;
    site.start();
    for (int i = 0; i < 1000; ++i) site.controller.happen();
    site.clock.run_for(1ms);
    CHECK(site.driver->inbox().dropped > 0);
    site.clock.run_for(2min);
    CHECK(sorted(site.sink.keys()) == from_to(1, 1000));
    CHECK(site.mark().number == 1000);
}
