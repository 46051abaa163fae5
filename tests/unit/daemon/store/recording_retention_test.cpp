// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/recording_retention.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

const Time today = parse_time("2026-06-01T00:00:00Z").value();
constexpr auto a_day = 24h;

/// A segment of one hour that began so many days ago.
HeldSegment hour_of_video(std::int64_t id, const std::string& camera, int days_ago, std::uint64_t bytes = 100) {
    return {id, camera, today - days_ago * a_day, today - days_ago * a_day + 1h, bytes, false};
}

RetentionScene scene_of(std::vector<HeldSegment> held, std::uint64_t free_bytes = 1'000'000) {
    RetentionScene scene;
    scene.now = today;
    for (const auto& one : held) scene.bytes_of[one.camera] += one.bytes;
    scene.held = std::move(held);
    scene.free_bytes = free_bytes;
    return scene;
}

RecordingRules rules_of(int floor_days, int ceiling_days) {
    RecordingRules rules;
    rules.usual = {floor_days, ceiling_days, 0};
    rules.reserve_bytes = 1'000;
    return rules;
}

std::vector<std::int64_t> ids_of(const RetentionScene& scene, const RecordingRules& rules) {
    std::vector<std::int64_t> ids;
    for (const auto& one : plan_removal(scene, rules)) ids.push_back(scene.held[one.segment].id);
    return ids;
}

using Ids = std::vector<std::int64_t>;

} // namespace

TEST_CASE("recording retention: what is past its camera's ceiling goes, oldest first, and nothing else") {
    auto rules = rules_of(30, 60);
    rules.cameras["gate-2"] = {30, 180, 0};
    const auto scene = scene_of({hour_of_video(1, "gate-1", 59), hour_of_video(2, "gate-1", 61), hour_of_video(3, "gate-2", 100),
                                 hour_of_video(4, "gate-1", 90), hour_of_video(5, "gate-2", 181)});
    CHECK(ids_of(scene, rules) == Ids{5, 4, 2});
}

TEST_CASE("recording retention: a clock that is not believed calls nothing old") {
    auto scene = scene_of({hour_of_video(1, "gate-1", 400)});
    scene.may_delete_by_time = false;
    CHECK(ids_of(scene, rules_of(30, 60)).empty());
    // A full disk asks no clock: the oldest is the oldest.
    scene.free_bytes = 0;
    CHECK(ids_of(scene, rules_of(30, 60)) == Ids{1});
}

TEST_CASE("recording retention: a byte limit takes what is past its floor, never what is before it") {
    auto rules = rules_of(30, 90);
    rules.usual.bytes_max = 250;
    const auto scene = scene_of({hour_of_video(1, "gate-1", 40), hour_of_video(2, "gate-1", 31), hour_of_video(3, "gate-1", 20),
                                 hour_of_video(4, "gate-1", 10), hour_of_video(5, "gate-2", 80)});
    CHECK(ids_of(scene, rules) == Ids{1, 2}); // 200 left; gate-2 has its own 250
    rules.usual.bytes_max = 50;
    CHECK(ids_of(scene, rules) == Ids{1, 2, 5});
}

TEST_CASE("recording retention: the limit of all together takes the oldest of all") {
    auto rules = rules_of(30, 90);
    rules.bytes_max = 300;
    const auto scene = scene_of({hour_of_video(1, "gate-1", 40), hour_of_video(2, "gate-2", 50), hour_of_video(3, "gate-1", 45),
                                 hour_of_video(4, "gate-2", 5), hour_of_video(5, "gate-1", 3)});
    CHECK(ids_of(scene, rules) == Ids{2, 3});
}

TEST_CASE("recording retention: a full disk takes what is past its floor, then the oldest, and says which is which") {
    auto rules = rules_of(30, 90);
    rules.cameras["street"] = {60, 90, 0}; // kept for longer
    auto scene = scene_of(
        {hour_of_video(1, "street", 50), hour_of_video(2, "gate-1", 40), hour_of_video(3, "gate-1", 20), hour_of_video(4, "gate-1", 10)}, 800);
    auto removals = plan_removal(scene, rules);
    REQUIRE(removals.size() == 2);
    CHECK(scene.held[removals[0].segment].id == 2); // though street's is older
    CHECK_FALSE(removals[0].before_floor);
    CHECK(scene.held[removals[1].segment].id == 1);
    CHECK(removals[1].before_floor);
    CHECK(removals[1].why == GoesFor::disk);
    scene.free_bytes = 0;
    CHECK(plan_removal(scene, rules).size() == 4);
}

TEST_CASE("recording retention: what is locked stays, whatever the disk says") {
    auto rules = rules_of(30, 60);
    rules.usual.bytes_max = 1;
    rules.bytes_max = 1;
    auto scene = scene_of({hour_of_video(1, "gate-1", 100), hour_of_video(2, "gate-1", 99)}, 0);
    scene.held[0].locked = true;
    CHECK(ids_of(scene, rules) == Ids{2});
}

TEST_CASE("recording retention: room is made for the hour ahead, but not from what is before its floor") {
    auto scene = scene_of(
        {hour_of_video(1, "gate-1", 40), hour_of_video(2, "gate-1", 39), hour_of_video(3, "gate-1", 38), hour_of_video(4, "gate-1", 10)}, 950);
    scene.ahead_bytes = 200;
    CHECK(ids_of(scene, rules_of(30, 90)) == Ids{1, 2, 3}); // 950 + 300 >= 1,200
    auto young = scene_of({hour_of_video(1, "gate-1", 20), hour_of_video(2, "gate-1", 19)}, 950);
    young.ahead_bytes = 200;
    CHECK(ids_of(young, rules_of(30, 90)) == Ids{1});
}

namespace {

constexpr std::uint64_t gib = 1ull << 30;

RecordingRules forecast_rules(int floor_days, int ceiling_days) {
    auto rules = rules_of(floor_days, ceiling_days);
    rules.reserve_bytes = 0;
    return rules;
}

} // namespace

TEST_CASE("recording forecast: the day on which the disk fills, from what is written now") {
    const std::vector<CameraRate> cameras{{"gate-1", 100 * gib, 10 * gib, 10 * a_day}};
    const auto seen = foresee(cameras, forecast_rules(30, 365), today, 400 * gib);
    CHECK(seen.days_possible == 50);
    REQUIRE(seen.fills_at.has_value());
    CHECK(std::abs((*seen.fills_at - (today + 40 * a_day)).count()) < 1'000'000);
    CHECK_FALSE(seen.floor_breaks_at.has_value()); // 50 days are more than 30
}

TEST_CASE("recording forecast: a ceiling that comes before the disk is full: it never fills") {
    const std::vector<CameraRate> cameras{{"gate-1", 100 * gib, 10 * gib, 10 * a_day}};
    const auto seen = foresee(cameras, forecast_rules(30, 45), today, 400 * gib);
    CHECK_FALSE(seen.fills_at.has_value());
    auto limited = forecast_rules(30, 365);
    limited.usual.bytes_max = 450 * gib;
    CHECK_FALSE(foresee(cameras, limited, today, 400 * gib).fills_at.has_value());
}

TEST_CASE("recording forecast: the floor that will break is told weeks ahead, with its day and its cameras") {
    // 20 days fit; the floor is 30. Five days are there: in fifteen the first one goes too early.
    const std::vector<CameraRate> cameras{{"gate-1", 25 * gib, 5 * gib, 5 * a_day}, {"gate-2", 25 * gib, 5 * gib, 5 * a_day}};
    auto rules = forecast_rules(30, 90);
    rules.cameras["gate-2"] = {10, 90, 0};
    const auto seen = foresee(cameras, rules, today, 150 * gib);
    CHECK(seen.days_possible == 20);
    REQUIRE(seen.fills_at.has_value());
    CHECK(std::abs((*seen.fills_at - (today + 15 * a_day)).count()) < 1'000'000);
    // gate-2 gives way first: 5 GiB × 30 + 5 GiB × 10 = 200 GiB is exactly what there is.
    REQUIRE(seen.floor_breaks_at.has_value());
    CHECK(std::abs((*seen.floor_breaks_at - (today + 25 * a_day)).count()) < 1'000'000);
    CHECK(seen.floors_broken == std::vector<std::string>{"gate-1"});
    CHECK_FALSE(foresee(cameras, rules, today, 151 * gib).floor_breaks_at.has_value());
}

TEST_CASE("recording forecast: without a rate nothing is foretold") {
    const auto seen = foresee({{"gate-1", 100, 0, 10 * a_day}}, forecast_rules(30, 90), today, 1000);
    CHECK_FALSE(seen.days_possible.has_value());
    CHECK_FALSE(seen.fills_at.has_value());
    CHECK_FALSE(seen.floor_breaks_at.has_value());
}
