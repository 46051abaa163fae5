// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/store/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::store;
using std::chrono::days;
using std::chrono::hours;

namespace {

constexpr auto reader = "upstream/district/routine";

struct Kept30To90 : World {
    Kept30To90() {
        options.kept[RetentionClass::passage] = {30, 90};
        options.kept[RetentionClass::system] = {3000, 3650};
        open();
        REQUIRE(await(store->move_cursor(reader, Cursor{0, 0})).has_value());
    }
    std::uint64_t pass_of_retention() {
        auto removed = await(store->keep_retention());
        REQUIRE_MESSAGE(removed.has_value(), (removed ? std::string() : removed.error().what()));
        return *removed;
    }
    std::vector<StoredRecord> gaps() {
        std::vector<StoredRecord> found;
        for (auto& record : all())
            if (record.kind == Kind::gap) found.push_back(std::move(record));
        return found;
    }
};

} // namespace

TEST_CASE("retention: nothing goes before its floor; past it goes what every reader has, and what one still needs stays") {
    Kept30To90 world;
    std::uint64_t last = 0;
    for (int i = 0; i < 5; ++i) last = world.must_append(world.pass());
    REQUIRE(world.await(world.store->move_cursor(reader, Cursor{last - 2, last - 2})).has_value());
    world.clock.run_for(days(29));
    CHECK(world.pass_of_retention() == 0);
    world.clock.run_for(days(2));
    CHECK(world.pass_of_retention() == 3);
    CHECK_FALSE(world.await(world.store->read_at(last - 2)).value().has_value());
    CHECK(world.await(world.store->read_at(last - 1)).value().has_value());
    CHECK(world.gaps().empty());
    // A reader that was retired holds nothing back.
    REQUIRE(world.await(world.store->retire_reader(reader)).has_value());
    CHECK(world.pass_of_retention() == 2);
    const auto report = world.await(world.store->verify()).value();
    CHECK_MESSAGE(report.fault.empty(), report.fault);
    CHECK(report.removed == 5);
}

TEST_CASE("the store says how many records it has, from which on: after appends, a restart and retention") {
    Kept30To90 world;
    const auto said = [&] { return world.store->status().records; };
    const auto there = [&] { return world.all().size(); };
    const auto run_for = [&](Duration howlong) {
        TaskGroup group(world.loop);
        group.spawn("run", world.store->run());
        world.clock.run_for(howlong);
        CHECK(said() == there());
        CHECK(world.store->status().oldest_position == world.all().front().position);
        group.cancel();
        world.clock.run_for(std::chrono::seconds(1));
    };
    for (int i = 0; i < 5; ++i) world.must_append(world.pass());
    auto alarm = world.pass(); // stays longer than the others
    alarm.kind = Kind::door_forced;
    alarm.facts = {{"door", 1}};
    alarm.subject.clear();
    alarm.details = {};
    world.must_append(std::move(alarm));
    CHECK(said() == there());
    world.options.retention_every = std::chrono::seconds(2);
    world.open();
    run_for(std::chrono::seconds(1));
    world.must_append(world.pass());
    CHECK(said() == there());
    const auto before = there();
    REQUIRE(world.await(world.store->retire_reader(reader)).has_value());
    world.clock.run_for(days(31));
    run_for(std::chrono::seconds(5));
    CHECK(there() < before);
    CHECK(there() >= 1);
}

TEST_CASE("retention: the ceiling wins over a reader that still needs it: cursor moved on purpose, a gap says what it missed") {
    Kept30To90 world;
    std::vector<std::uint64_t> positions;
    for (int i = 0; i < 4; ++i) positions.push_back(world.must_append(world.pass()));
    world.clock.run_for(days(89));
    CHECK(world.pass_of_retention() == 0);
    world.clock.run_for(days(1) + hours(1));
    CHECK(world.pass_of_retention() == 4);
    const auto cursor = world.await(world.store->cursor(reader)).value();
    REQUIRE(cursor);
    CHECK(cursor->settled >= positions.back());
    const auto gaps = world.gaps();
    REQUIRE(gaps.size() == 1);
    for (const auto* part : {R"("cause":"retention")", R"("count":4)", R"("upstream":"district")", R"("lane":"routine")"})
        CHECK_MESSAGE(gaps[0].facts.find(part) != std::string::npos, gaps[0].facts);
    CHECK(world.await(world.store->verify()).value().fault.empty());
}

TEST_CASE("retention: a clock that nobody vouches for, or one device's time in the far past, removes nothing") {
    Kept30To90 world;
    auto record = world.pass();
    record.happened_at = record.heard_at - days(4000);
    const auto position = world.must_append(std::move(record));
    REQUIRE(world.await(world.store->move_cursor(reader, Cursor{position, position})).has_value());
    world.clock.run_for(days(40));
    world.clock.set_quality(ClockQuality::unsynced);
    CHECK(world.pass_of_retention() == 0);
    world.clock.set_quality(ClockQuality::synced);
    CHECK(world.pass_of_retention() == 1);
}

TEST_CASE("retention: a clock set ten years ahead or back removes nothing for a day, at run time and over a restart (F20)") {
    Kept30To90 world;
    std::uint64_t last = 0;
    for (int i = 0; i < 5; ++i) last = world.must_append(world.pass());
    REQUIRE(world.await(world.store->move_cursor(reader, Cursor{last, last})).has_value());
    world.clock.run_for(hours(1));
    CHECK(world.pass_of_retention() == 0);
    world.clock.step_wall(days(3652));
    CHECK(world.pass_of_retention() == 0);
    world.clock.run_for(hours(1));
    world.must_append(world.pass()); // heard ten years ahead
    CHECK(world.pass_of_retention() == 0);
    world.clock.run_for(hours(20));
    CHECK(world.pass_of_retention() == 0);
    SUBCASE("set right within the day") {
        world.clock.step_wall(-days(3652));
        CHECK(world.pass_of_retention() == 0);
        world.clock.run_for(days(2));
        CHECK(world.pass_of_retention() == 0); // it is two days old, after all
        CHECK(world.store->head().position == last + 1);
    }
    SUBCASE("nobody sets it right") {
        world.clock.run_for(hours(5));
        CHECK(world.pass_of_retention() == 5);
    }
    SUBCASE("nobody sets it right, and the machine starts again twice within the day") {
        world.open();
        CHECK(world.pass_of_retention() == 0);
        world.clock.run_for(hours(2));
        CHECK(world.pass_of_retention() == 0);
        world.open();
        CHECK(world.pass_of_retention() == 0);
        world.clock.run_for(hours(3)); // the day is not begun anew by a start
        CHECK(world.pass_of_retention() == 5);
        world.open();
        CHECK(world.store->head().position == last + 1);
    }
    SUBCASE("the same, seen from a restart") {
        world.close();
        world.clock.step_wall(days(3652));
        world.open();
        CHECK(world.pass_of_retention() == 0);
        world.clock.run_for(hours(25));
        CHECK(world.pass_of_retention() > 0);
    }
}

TEST_CASE("retention: what was heard under a clock in 1970, or years behind, stays its floor, and goes after it (F20, F21)") {
    for (const auto behind : {days(20'000), days(3652)})
        for (const bool is_right_before : {false, true})
            for (const bool restarts : {false, true}) {
                CAPTURE(behind.count());
                CAPTURE(is_right_before);
                CAPTURE(restarts);
                Kept30To90 world;
                if (is_right_before) {
                    world.must_append(world.pass());
                    world.clock.run_for(hours(25));
                    CHECK(world.pass_of_retention() == 0);
                }
                world.clock.step_wall(-behind);
                std::uint64_t last = 0;
                for (int i = 0; i < 5; ++i) last = world.must_append(world.pass());
                REQUIRE(world.await(world.store->move_cursor(reader, Cursor{last, last})).has_value());
                world.clock.step_wall(behind);
                world.clock.run_for(days(20));
                CHECK(world.pass_of_retention() == 0);
                if (restarts) world.open();
                world.clock.run_for(hours(25));
                CHECK(world.pass_of_retention() == 0);
                CHECK(world.await(world.store->retention_report())->oldest.value() > world.clock.now() - days(30));
                world.clock.run_for(days(31));
                CHECK(world.pass_of_retention() == last);
            }
}

TEST_CASE("retention: what was heard under a clock years ahead does not stay for years (F20)") {
    Kept30To90 world;
    world.must_append(world.pass());
    world.clock.run_for(hours(25));
    CHECK(world.pass_of_retention() == 0);
    world.clock.step_wall(days(3652));
    const auto last = world.must_append(world.pass());
    REQUIRE(world.await(world.store->move_cursor(reader, Cursor{last, last})).has_value());
    world.clock.step_wall(-days(3652));
    world.clock.run_for(hours(25));
    CHECK(world.pass_of_retention() == 0);
    world.clock.run_for(days(29));
    CHECK(world.pass_of_retention() == 1);
    world.clock.run_for(days(2));
    CHECK(world.pass_of_retention() == 1);
}

TEST_CASE("retention: a device's clock that was measured by a wrong one of ours costs no record its floor (F20)") {
    Kept30To90 world;
    auto record = world.pass();
    record.happened_at = record.heard_at - std::chrono::seconds(3);
    record.clock = ClockState::skewed;
    record.clock_offset_us = Duration(days(3650)).count(); // our clock was ten years behind when it was measured, and is right since a minute
    const auto position = world.must_append(std::move(record));
    REQUIRE(world.await(world.store->move_cursor(reader, Cursor{position, position})).has_value());
    world.clock.run_for(days(29));
    CHECK(world.pass_of_retention() == 0);
    world.clock.run_for(days(2));
    CHECK(world.pass_of_retention() == 1);
}
