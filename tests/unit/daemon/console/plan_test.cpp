// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/plan.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::console;
using namespace std::chrono_literals;

namespace {

drivers::DeviceInfo device(const std::string& id, const std::string& driver, const std::string& model) {
    drivers::DeviceInfo info;
    info.id = id;
    info.driver = driver;
    info.model = model;
    return info;
}

const PlanRow& row_of(const Plan& plan, const std::string& id) {
    for (const auto& row : plan.rows)
        if (row.device == id) return row;
    FAIL("no row for " << id);
    return plan.rows.front();
}

/// A gate camera and four doors; the camera's pictures may go to the police, the district gets records alone.
PlanInput compound() {
    PlanInput input;
    input.devices = {device("gate", "isapi", "plate"), device("doors", "uhppote", "UT0311-L04")};
    input.settings.picture_days = {{PictureRole::scene, 90}, {PictureRole::face, 30}, {PictureRole::plate, 90}};
    input.settings.reserve_bytes = 1 << 30;
    input.settings.upstreams = {{"district", {}}, {"police", {PictureRole::plate}}};
    input.free_bytes = 64ull << 30;
    return input;
}

} // namespace

TEST_CASE("plan: without a day in the log the devices' kinds say what comes, and the sums are theirs") {
    const auto plan = make_plan(compound());
    CHECK(row_of(plan, "gate").events_per_day == 1500);
    CHECK(row_of(plan, "gate").pictures_per_day == 3000);
    CHECK(row_of(plan, "doors").events_per_day == 1200);
    CHECK(row_of(plan, "doors").pictures_per_day == 0);
    CHECK_FALSE(row_of(plan, "gate").is_measured);
    CHECK(plan.records_total == doctest::Approx(2700.0 * 700 * 30));
    CHECK(plan.pictures_total == doctest::Approx(1500.0 * 320 * 1024 * 30));
    const auto sum = (plan.records_total + 2700.0 * 120 * 30 + plan.pictures_total) * 1.2;
    CHECK(static_cast<double>(plan.needed_bytes) == doctest::Approx(sum + (1 << 30)));
    CHECK(plan.is_enough());
    // The police have the plates' pictures, the district none.
    REQUIRE(plan.links.size() == 2);
    CHECK(plan.links[0].bytes_per_day == doctest::Approx(2700.0 * 900 * 1.1));
    CHECK(plan.links[1].bytes_per_day == doctest::Approx((2700.0 * 900 + 1500.0 * 20 * 1024) * 1.1));
    CHECK(plan.links[1].busy_kbit_s == doctest::Approx(plan.links[1].mean_kbit_s * 24 * 0.12));
    // A day in four hours, with what those bring.
    CHECK(plan.links[1].catch_up_kbit_s == doctest::Approx(plan.links[1].mean_kbit_s * 7));
    CHECK(plan.links[1].needed_kbit_s() == plan.links[1].catch_up_kbit_s);
    for (const auto& [zh, en] : plan.assumptions) {
        CHECK_FALSE(zh.empty());
        CHECK_FALSE(en.empty());
    }
}

TEST_CASE("plan: pictures that go sooner than in thirty days take less room, and the same line") {
    auto input = compound();
    const auto whole = make_plan(input);
    input.settings.picture_days[PictureRole::scene] = 10;
    const auto less = make_plan(input);
    CHECK(less.pictures_total == doctest::Approx(1500.0 * (300 * 1024 * 10 + 20 * 1024 * 30)));
    CHECK(less.links[1].bytes_per_day == doctest::Approx(whole.links[1].bytes_per_day));
}

TEST_CASE("plan: a day of the log, or a full sample of an hour, goes before the kind, and less does not") {
    auto input = compound();
    input.sample.records = 5000;
    input.sample.by_source["gate"] = {4800, 4800, 4800ull * 100 * 1024};
    input.sample.span = 48h;
    auto plan = make_plan(input);
    CHECK(row_of(plan, "gate").is_measured);
    CHECK(row_of(plan, "gate").events_per_day == doctest::Approx(2400));
    CHECK(row_of(plan, "gate").pictures_per_day == doctest::Approx(2400));
    CHECK(plan.pictures_total == doctest::Approx(2400.0 * 100 * 1024 * 30));
    CHECK_FALSE(row_of(plan, "doors").is_measured);
    CHECK(row_of(plan, "doors").events_per_day == 1200);
    input.sample.span = 23h;
    CHECK_FALSE(row_of(make_plan(input), "gate").is_measured);
    input.sample.is_full = true;
    CHECK(row_of(make_plan(input), "gate").events_per_day == doctest::Approx(4800.0 / 23 * 24));
    input.sample.span = 59min;
    CHECK_FALSE(row_of(make_plan(input), "gate").is_measured);
}

TEST_CASE("plan: a record's size is the log's own from a thousand records on, and what lies there makes room as it goes") {
    auto input = compound();
    input.log_records = 999;
    input.database_bytes = 999 * 400;
    CHECK(make_plan(input).record_bytes == 700);
    input.log_records = 1000;
    input.database_bytes = 1000 * 400;
    CHECK(make_plan(input).record_bytes == 400);
    input.free_bytes = make_plan(input).needed_bytes - input.database_bytes;
    CHECK(make_plan(input).is_enough());
    --input.free_bytes;
    CHECK_FALSE(make_plan(input).is_enough());
}
