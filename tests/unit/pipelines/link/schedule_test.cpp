// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/schedule.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::pipelines;
using namespace std::chrono_literals;

namespace {
// 2026-01-12 is a Monday; +08:00.
Time local(const std::string& text) { return *parse_time(text + ":00+08:00"); }
Schedule schedule(std::string_view text) {
    auto read = Schedule::read(text, 8h);
    REQUIRE(read.has_value());
    return *read;
}
} // namespace

TEST_CASE("schedule: days and hours are those of the site, to the minute") {
    const auto week = schedule("mon-fri 08:00-18:00, sat 09:00-12:00");
    CHECK_FALSE(week.is_on(local("2026-01-12T07:59")));
    CHECK(week.is_on(local("2026-01-12T08:00")));
    CHECK(week.is_on(local("2026-01-16T17:59")));
    CHECK_FALSE(week.is_on(local("2026-01-16T18:00")));
    CHECK(week.is_on(local("2026-01-17T11:59")));
    CHECK_FALSE(week.is_on(local("2026-01-18T10:00")));
    CHECK(week.next_change(local("2026-01-16T12:00")) == local("2026-01-16T18:00"));
    CHECK(week.next_change(local("2026-01-17T12:00")) == local("2026-01-19T08:00"));
}

TEST_CASE("schedule: a night goes on into the next day, also from Sunday to Monday, and days wrap too") {
    const auto nights = schedule("sat-mon 22:00-06:00");
    CHECK(nights.is_on(local("2026-01-17T23:00")));
    CHECK(nights.is_on(local("2026-01-19T05:59")));
    CHECK_FALSE(nights.is_on(local("2026-01-19T06:00")));
    CHECK(nights.is_on(local("2026-01-20T05:00")));
    CHECK_FALSE(nights.is_on(local("2026-01-20T23:00")));
    CHECK(nights.next_change(local("2026-01-18T23:00")) == local("2026-01-19T06:00"));
}

TEST_CASE("schedule: one that never changes says so") {
    CHECK_FALSE(schedule("mon-sun 00:00-24:00").next_change(local("2026-01-12T07:59")).has_value());
    CHECK(schedule("mon-sun 00:00-24:00").is_on(local("2026-01-18T23:59")));
    CHECK_FALSE(Schedule().next_change(local("2026-01-12T07:59")).has_value());
    CHECK_FALSE(Schedule().is_on(local("2026-01-12T07:59")));
}

TEST_CASE("schedule: what is none is refused by its part") {
    for (const auto* text : {"", "mon", "mon 8:00-18:00", "mon 08:00-25:00", "mon 08:60-18:00", "fun 08:00-18:00", "mon-fri 24:00-02:00",
                             "mon 08:00-18:00,", "mon 08:00-18:00; tue 08:00-18:00"}) {
        CAPTURE(text);
        const auto read = Schedule::read(text, 8h);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().fault() == Fault::malformed);
    }
    std::string long_one = "mon 01:00-02:00";
    for (std::size_t i = 0; i < schedule_rows_max; ++i) long_one += ", mon 01:00-02:00";
    CHECK_FALSE(Schedule::read(long_one, 8h).has_value());
}
