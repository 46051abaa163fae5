// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/time_text.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("time text: with Z, an offset or no zone, any fraction; nothing else") {
    CHECK(read_date_time("2026-01-15T08:30:12Z") == at("2026-01-15T08:30:12Z"));
    CHECK(read_date_time(" 2026-01-15T16:30:12.250+08:00 ") == at("2026-01-15T08:30:12.25Z"));
    CHECK(read_date_time("2026-01-15T08:30:12.5") == at("2026-01-15T08:30:12.5Z"));
    CHECK_FALSE(read_date_time("2026-01-15"));
    CHECK_FALSE(read_date_time("yesterday, at half past eight"));
    CHECK_FALSE(read_date_time("2026-13-15T08:30:12Z"));
    CHECK(date_time_text(at("2026-01-15T08:30:12.987Z")) == "2026-01-15T08:30:12Z");
    CHECK(duration_text(120s) == "PT120S");
}
