// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/log.hpp"
#include "tests/world/day.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <set>

using namespace gatehouse;
using namespace gatehouse::world;

namespace {

constexpr std::uint64_t first_seed = 1;
constexpr std::uint64_t days = 4;

/// What thousands of failing disks say is no news.
void quiet() {
    log::set_up(log::Level::error, log::Format::text);
    REQUIRE(std::freopen("/dev/null", "w", stderr) != nullptr);
}

} // namespace

TEST_CASE("a simulated day with faults of every part: healed and drained, and the invariants hold") {
    quiet();
    Tally all;
    for (std::uint64_t seed = first_seed; seed < first_seed + days; ++seed) {
        const auto day = live_a_day(seed);
        INFO("replay with: ./dev bench world --days 1 --seed ", seed);
        CHECK(day.wrong == "");
        CHECK(day.tally.events > 1000);
        CHECK(day.tally.records > day.tally.events);
        all.lives += day.tally.lives;
        all.power_cuts += day.tally.power_cuts;
        all.door_opens += day.tally.door_opens;
        all.digests += day.tally.digests;
        all.faults.insert(day.tally.faults.begin(), day.tally.faults.end());
    }
    MESSAGE(all.faults.size(), " of ", all_faults().size(), " faults, ", all.lives, " lives, ", all.power_cuts, " power cuts");
    CHECK(all.lives > days);
    CHECK(all.power_cuts > 0);
    CHECK(all.door_opens > 0);
    CHECK(all.digests > 0);
    CHECK(all.faults.size() > 10);
}

TEST_CASE("the same seed gives the same day, to the byte; another seed another") {
    quiet();
    const auto one = live_a_day(first_seed);
    const auto same = live_a_day(first_seed);
    CHECK(one.trace == same.trace);
    CHECK(one.story == same.story);
    const auto other = live_a_day(first_seed + 1);
    CHECK(other.trace != one.trace);
}
