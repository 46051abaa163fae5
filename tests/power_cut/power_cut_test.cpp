// SPDX-License-Identifier: Apache-2.0
#include "tests/power_cut/crash_point.hpp"

#include <doctest/doctest.h>

#include <cstdio>

using namespace gatehouse::power_cut;

namespace {

constexpr std::uint64_t points = 2'000;
constexpr std::uint64_t points_per_plant = 64;

/// The log of thousands of failing disks is no news.
void quiet() { REQUIRE(std::freopen("/dev/null", "w", stderr) != nullptr); }

struct Found {
    std::uint64_t count = 0;
    std::string first;
};

Found found_with(Plant plant) {
    quiet();
    Found found;
    live_through(0, points_per_plant, plant, [&](std::uint64_t seed, const std::string& wrong) {
        if (found.count++ == 0) found.first = "power_cut " + std::to_string(seed) + ": " + wrong;
    });
    MESSAGE(found.count, " of ", points_per_plant, ", first ", found.first);
    return found;
}

void report(std::uint64_t seed, const std::string& wrong) { FAIL_CHECK("replay with: power_cut ", seed, "   ", wrong); }

} // namespace

TEST_CASE("power cuts at random operations: nothing acknowledged is lost, nothing doubled, no seal broken, no hole at the platform") {
    quiet();
    const auto tally = live_through(0, points, Plant::none, report);
    MESSAGE(tally.points, " simulated crash points, ", tally.cuts, " power cuts");
    CHECK(tally.points == points);
    CHECK(tally.acknowledged > points);
    CHECK(tally.delivered >= tally.acknowledged);
}

TEST_CASE("power cuts before each operation of a short script: the same") {
    quiet();
    const auto tally = live_through_each_operation(1'000'000'000, Plant::none, report);
    CHECK(tally.points == 270);
}

TEST_CASE("the same seed gives the same life") {
    quiet();
    const auto one = live_through(160, 8, Plant::none, report);
    const auto other = live_through(160, 8, Plant::none, report);
    CHECK(one.acknowledged == other.acknowledged);
    CHECK(one.delivered == other.delivered);
    CHECK(one.cuts == other.cuts);
}

TEST_CASE("the oracle screams at a drive that lies about syncs (F03)") { CHECK(found_with(Plant::lying_drive).count > 0); }

TEST_CASE("the oracle finds a commit that is not synced, as with synchronous=NORMAL") { CHECK(found_with(Plant::no_commit_sync).count > 0); }

TEST_CASE("the oracle finds a folder that is not synced after the WAL was made") { CHECK(found_with(Plant::no_folder_sync).count > 0); }

TEST_CASE("the oracle finds a cursor that the PUBACK moves (L1)") {
    const auto found = found_with(Plant::release_on_puback);
    CHECK(found.count > 0);
}
