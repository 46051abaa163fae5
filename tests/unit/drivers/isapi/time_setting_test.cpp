// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/time_setting.hpp"

#include "daemon/base/text.hpp"
#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("a device's time is read and written") {
    const auto setting = decode_time_setting(golden("time.xml"), beijing);
    REQUIRE(setting.has_value());
    CHECK(setting->mode == "NTP");
    CHECK(setting->zone == "CST-8:00:00");
    CHECK(setting->local == at("2026-01-15T00:28:40Z"));
    CHECK(encode_time_setting("manual", at("2026-01-15T00:30:00Z"), beijing, setting->zone) == golden("time_set.xml"));
    CHECK(encode_time_setting("manual", at("2026-01-15T00:30:00Z"), beijing, "") == golden("time_set.xml"));
    // Without a zone in the time the device's own zone counts, not ours.
    CHECK(decode_time_setting(replaced(replaced(golden("time.xml"), "+08:00", ""), "CST-8", "CST-7"), beijing)->local == at("2026-01-15T01:28:40Z"));
    CHECK(decode_time_setting(replaced(golden("time.xml"), "2026", "twenty"), beijing).has_error());
    CHECK(decode_time_setting("<a/>", beijing).has_error());
    for (const auto* lead : {"", "x", "xx"}) // what cannot be read is shown up to a bound, never cut inside a character
        CHECK(is_utf8(
            decode_time_setting("<Time><localTime>" + (lead + std::string("年年年年年年年年年年年年年年年年")) + "</localTime></Time>", beijing)
                .error()
                .what()));
}
