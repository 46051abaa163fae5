// SPDX-License-Identifier: Apache-2.0
//
// F10: what devices offered while the disk was full is not acknowledged, and what does not come again stands in a gap of its device.
#include "daemon/store/refused_events.hpp"
#include "tests/unit/daemon/store/world.hpp"

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

struct FullDisk : World {
    std::unique_ptr<TaskGroup> group;
    FullDisk() {
        open();
        group = std::make_unique<TaskGroup>(loop);
        group->spawn("run", store->run());
        must_append(keyed(1, "door-1"));
    }
    ~FullDisk() {
        group->cancel();
        clock.run_for(1s);
    }
    void refuse(Record record) {
        auto refused = append(std::move(record));
        REQUIRE(refused.has_error());
        CHECK((refused.error().fault() == Fault::full || refused.error().fault() == Fault::unreachable)); // the latter between two tries
    }
    std::map<std::string, json::object> told() {
        std::map<std::string, json::object> gaps;
        for (const auto& record : all()) {
            if (record.kind != Kind::gap) continue;
            auto facts = parse_json(record.facts)->get_object();
            const std::string of(*text_at(facts, "of"));
            CHECK(gaps.emplace(of, std::move(facts)).second); // one a source
        }
        return gaps;
    }
};

} // namespace

TEST_CASE("what a full disk refused and no device brought again stands in one gap a device, once the disk takes records (F10)") {
    FullDisk world;
    world.disk.bytes_max = world.disk.used_bytes();
    for (int tries = 0; tries < 3; ++tries)
        for (std::uint64_t key = 2; key <= 6; ++key) world.refuse(world.keyed(key, "door-1"));
    for (int i = 0; i < 4; ++i) world.refuse(world.pass("door-2", std::to_string(i)));
    world.clock.run_for(5min);
    CHECK(world.told().empty()); // it takes nothing yet
    world.disk.bytes_max.reset();
    world.clock.run_for(5s);
    world.must_append(world.keyed(3, "door-1")); // from the device's memory
    world.must_append(world.keyed(4, "door-1"));
    world.clock.run_for(refused_wait + 5s);
    const auto told = world.told();
    REQUIRE(told.size() == 2);
    CHECK(number_at(told.at("door-1"), "count") == 3);
    CHECK(bool_at(told.at("door-1"), "count_known") == true);
    CHECK(number_at(told.at("door-2"), "count") == 4);
    CHECK(bool_at(told.at("door-2"), "count_known") == false); // without numbers nobody knows a repeat
    world.clock.run_for(10min);
    CHECK(world.told().size() == 2);
}

TEST_CASE("what a full disk refused and all came again leaves no gap") {
    FullDisk world;
    world.disk.bytes_max = world.disk.used_bytes();
    for (std::uint64_t key = 2; key <= 6; ++key) world.refuse(world.keyed(key, "door-1"));
    Record online; // what we say of it ourselves, at each try: no event of its
    online.kind = Kind::device_online;
    online.heard_at = world.clock.now();
    online.source = "door-1";
    world.refuse(online);
    world.disk.bytes_max.reset();
    world.clock.run_for(2s);
    for (std::uint64_t key = 2; key <= 6; ++key) world.must_append(world.keyed(key, "door-1"));
    world.clock.run_for(refused_wait + 5s);
    CHECK(world.told().empty());
}

TEST_CASE("what is remembered of refused events is bounded, and none is left out of the count") {
    RefusedEvents events;
    std::uint64_t made = 0;
    for (std::uint64_t source = 0; source < refused_sources_max + 100; ++source)
        for (int i = 0; i < 50; ++i) events.refused("door-" + std::to_string(source), ++made, true, Time(1s), Instant(1s));
    CHECK_FALSE(events.is_due(Instant(1s)));
    CHECK(events.is_due(Instant(1s) + refused_wait));
    const auto told = events.take();
    CHECK(told.size() <= refused_sources_max + 1);
    std::uint64_t count = 0;
    for (const auto& of : told) count += of.count;
    CHECK(count == made);
    CHECK(events.empty());
    // A disk that fails again and again is told within the hour.
    for (Instant at(0s); at < Instant(refused_wait_max); at += 1min) events.refused("door-1", 1, true, Time(1s), at);
    CHECK(events.is_due(Instant(refused_wait_max)));
}
