// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/driver.hpp"

#include "tests/unit/drivers/uhppote/site.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;
using namespace gatehouse::tests;

TEST_CASE("hello: firmware, a free listener slot becomes ours, special events on; each setting is a record") {
    Site site;
    site.start();
    CHECK(site.driver->status().state == drivers::DeviceStatus::State::online);
    CHECK(site.driver->status().firmware == "6.62");
    CHECK(site.controller.special_events);
    CHECK(to_hex(site.controller.listener) == "0a00000261ea0f");
    REQUIRE(site.sink.of_kind(Kind::device_online).size() == 1);
    CHECK(site.sink.of_kind(Kind::device_online)[0].facts.at("firmware") == "6.62");
    const auto changed = site.sink.of_kind(Kind::device_changed);
    REQUIRE(changed.size() == 2);
    CHECK(changed[0].facts.at("setting") == "listener");
    CHECK(changed[0].facts.at("value") == "10.0.0.2:60001/15s");
    CHECK(changed[0].facts.at("previous") == "0.0.0.0:0/0s");
    CHECK(changed[1].facts.at("setting") == "record_special_events");
}

TEST_CASE("a listener slot that is somebody else's is left alone and told; events then come by reading") {
    Site site;
    site.controller.listener = {192, 168, 50, 9, 0x61, 0xea, 10};
    site.start();
    site.controller.happen();
    site.clock.run_for(61s);
    CHECK(to_hex(site.controller.listener) == "c0a8320961ea0a");
    CHECK(site.driver->status().fault.find("192.168.50.9:60001") != std::string::npos);
    CHECK(site.sink.keys() == std::vector<std::uint64_t>{1});
    CHECK(site.sink.records.back().facts.contains("recovered"));
}

TEST_CASE("a free slot is not taken where settings forbid it") {
    Site site([](auto& device) { device.may_set_listener = false; });
    site.start();
    CHECK(site.controller.asked[0x90] == 0);
    CHECK(!site.driver->status().fault.empty());
}

TEST_CASE("a listener slot that is taken from us is noticed within five minutes") {
    Site site;
    site.heartbeats();
    site.start();
    site.controller.listener = {192, 168, 50, 9, 0x61, 0xea, 10};
    site.clock.run_for(5min + 5s);
    CHECK(site.driver->status().fault.find("192.168.50.9") != std::string::npos);
    CHECK(!site.over);
    site.controller.listener = {};
    site.clock.run_for(5min + 5s);
    CHECK(to_hex(site.controller.listener) == "0a00000261ea0f");
    CHECK(site.driver->status().fault.empty());
}

TEST_CASE("offline: three missed heartbeats and one unanswered get-status, not sooner") {
    Site site;
    site.heartbeats();
    site.start();
    site.clock.run_for(10min);
    CHECK(!site.over);
    site.controller.silent = true;
    site.clock.run_for(35s);
    CHECK(!site.over);
    site.clock.run_for(30s);
    REQUIRE(site.over);
    CHECK(site.over->fault() == Fault::timed_out);
    CHECK(site.driver->status().state == drivers::DeviceStatus::State::offline);
}

TEST_CASE("heartbeats that stop while questions are answered end nothing") {
    Site site;
    site.start();
    site.clock.run_for(5min);
    CHECK(!site.over);
    site.controller.deaf_to_pushes = true;
    site.controller.happen();
    site.clock.run_for(1min);
    CHECK(site.sink.keys() == std::vector<std::uint64_t>{1});
}

TEST_CASE("a controller that never answers: timed out, three tries, never online") {
    Site site;
    site.controller.silent = true;
    site.start(11s); // and the question who else stands there
    REQUIRE(site.over);
    CHECK(site.over->fault() == Fault::timed_out);
    CHECK(site.driver->status().state == drivers::DeviceStatus::State::connecting);
    CHECK(site.driver->exchange_counters().repeated == 2);
    CHECK(site.sink.records.empty());
}

TEST_CASE("a board that answers in another protocol is unsupported, and so is a device without an address") {
    Site site;
    site.controller.scrambled = true;
    site.start(10s);
    REQUIRE(site.over);
    CHECK(site.over->fault() == Fault::unsupported);
    CHECK(site.driver->status().malformed > 0);
    Site nameless([](auto& device) { device.address.host = "controller.lan"; });
    nameless.start(1s);
    REQUIRE(nameless.over);
    CHECK(nameless.over->fault() == Fault::unsupported);
}

TEST_CASE("a clock that is off is set; what was written before keeps the error of that time") {
    Site site;
    site.controller.clock_error = -1h;
    site.controller.happen();
    site.start();
    const auto skewed = site.sink.of_kind(Kind::clock_skewed);
    REQUIRE(skewed.size() == 1);
    CHECK(skewed[0].facts.at("offset_ms").to_number<std::int64_t>() / 1000 == -3599);
    CHECK(skewed[0].facts.at("set") == true);
    CHECK(std::abs(site.controller.clock_error / 1s) <= 1);
    const auto changed = site.sink.of_kind(Kind::device_changed);
    CHECK(changed.back().facts.at("setting") == "clock");
    CHECK(changed.back().facts.at("previous") == "2026-01-15T07:30:00");
    const auto old_event = site.sink.of_kind(Kind::pass_granted).at(0);
    CHECK(old_event.clock == ClockState::skewed);
    CHECK(old_event.clock_offset_us / 1'000'000 == -3599);
    CHECK(gatehouse::to_text(old_event.happened_at.value()) == "2026-01-14T23:30:00.000000Z");
    site.controller.happen();
    site.clock.run_for(1s);
    CHECK(site.sink.of_kind(Kind::pass_granted).at(1).clock == ClockState::synced);
    site.clock.run_for(10min);
    CHECK(site.sink.of_kind(Kind::clock_skewed).size() == 1);
}

TEST_CASE("a clock that we may not set is told once, and again when it walks on") {
    Site site([](auto& device) { device.may_set_clock = false; });
    site.controller.clock_error = 20s;
    site.start();
    site.heartbeats();
    site.controller.happen();
    site.clock.run_for(10min);
    CHECK(site.controller.asked[0x30] == 0);
    REQUIRE(site.sink.of_kind(Kind::clock_skewed).size() == 1);
    CHECK(site.sink.of_kind(Kind::clock_skewed)[0].facts.at("set") == false);
    CHECK(site.sink.of_kind(Kind::pass_granted).at(0).clock == ClockState::skewed);
    site.controller.clock_error = 30s;
    site.clock.run_for(2min);
    CHECK(site.sink.of_kind(Kind::clock_skewed).size() == 2);
}

TEST_CASE("with our own clock unsynced nothing is set and events say so") {
    Site site;
    site.clock.set_quality(ClockQuality::unsynced);
    site.controller.clock_error = 1h;
    site.start();
    site.controller.happen();
    site.clock.run_for(1s);
    CHECK(site.controller.asked[0x30] == 0);
    CHECK(site.sink.of_kind(Kind::clock_skewed).empty());
    CHECK(site.sink.of_kind(Kind::pass_granted).at(0).clock == ClockState::unsynced);
    CHECK(site.result_of(site.driver->set_time())->error().fault() == Fault::busy);
}

TEST_CASE("get-time and set-time by hand") {
    Site site;
    site.controller.clock_error = 30s;
    CHECK(to_text(site.result_of(site.driver->get_time(), 0s)->value().value()) == "2026-01-15T08:30:30");
    CHECK(site.went_well(site.driver->set_time()));
    CHECK(std::abs(site.controller.clock_error / 1s) <= 1);
}
