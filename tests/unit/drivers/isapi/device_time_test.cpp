// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/device_time.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("device times are read in every spelling that was met") {
    const auto expected = at("2026-01-15T00:30:12Z");
    for (const auto* text : {"2026-01-15T08:30:12+08:00", "2026-01-15T00:30:12Z", "2026-01-15T08:30:12", "2026-01-15 08:30:12",
                             "2026-01-15T08:30:12+0800", "2026-01-14T20:30:12-4:00", " 2026-01-15T08:30:12+08:00\n"}) {
        CAPTURE(text);
        const auto read = read_device_time(text, beijing);
        CHECK(read.at == expected);
        CHECK(!read.flawed);
    }
    CHECK(read_device_time("2026-01-15T08:30:12.417+08:00", beijing).at == expected + 417ms);
}

TEST_CASE("a time whose sign got lost is flawed: nobody believes it, but its second still tells repeats") {
    const auto read = read_device_time("2026-01-15T08:30:3108:00", beijing);
    CHECK(read.flawed);
    CHECK(!read.at);
    CHECK(read.second == at("2026-01-15T00:30:31Z"));
}

TEST_CASE("what is no time is flawed and names no second") {
    for (const auto* text :
         {"", "yesterday", "2026-13-15T08:30:12Z", "2026-02-30T08:30:12Z", "2026-01-15T24:30:12Z", "9026-01-15T08:30:12Z", "2026-01-15T08:3"}) {
        CAPTURE(text);
        CHECK(read_device_time(text, beijing).flawed);
        CHECK(!read_device_time(text, beijing).second);
    }
    CHECK(read_device_time("2026-01-15T08:30:12+99:00", beijing).flawed);
}

TEST_CASE("absTime and captureTime") {
    CHECK(read_abs_time("20260115083012417", beijing) == at("2026-01-15T00:30:12.417Z"));
    CHECK(read_abs_time("20260115083012", beijing) == at("2026-01-15T00:30:12Z"));
    CHECK(!read_abs_time("2026011508301x", beijing));
    CHECK(read_capture_time("20260115T083012+0800", beijing) == at("2026-01-15T00:30:12Z"));
    CHECK(read_capture_time("20260115T003012Z", beijing) == at("2026-01-15T00:30:12Z"));
    CHECK(read_capture_time("20260115T083012", beijing) == at("2026-01-15T00:30:12Z"));
    CHECK(!read_capture_time("20260115", beijing));
}

TEST_CASE("zones have POSIX signs") {
    CHECK(read_zone("CST-8:00:00") == std::chrono::minutes(480));
    CHECK(read_zone("CST+4") == std::chrono::minutes(-240));
    CHECK(read_zone("CET-1:00:00DST01:00:00,M3.5.0/02:00:00") == std::chrono::minutes(60));
    CHECK(!read_zone("Beijing"));
    CHECK(!read_zone("CST-80280031250:00")); // more digits than any number here holds
    CHECK(!read_zone("CST-:00"));
    CHECK(zone_text(beijing) == "CST-8:00:00");
    CHECK(device_time_text(at("2026-01-15T00:30:12Z"), beijing) == "2026-01-15T08:30:12+08:00");
}
