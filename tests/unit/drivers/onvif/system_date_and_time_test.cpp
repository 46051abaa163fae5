// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/system_date_and_time.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("system date and time: UTC and local time as told; what is no time is none") {
    const auto told = decode_get_system_date_and_time(golden("system_date_and_time.xml")).value();
    CHECK(told.utc == at("2026-01-15T08:30:12Z"));
    CHECK(told.local == at("2026-01-15T16:30:12Z"));
    CHECK(told.mode == "NTP");
    const auto local_alone = decode_get_system_date_and_time(replaced(golden("system_date_and_time.xml"), "UTCDateTime", "Nothing")).value();
    CHECK_FALSE(local_alone.utc);
    CHECK(local_alone.local);
    const auto wrong = decode_get_system_date_and_time(replaced(golden("system_date_and_time.xml"), "<tt:Month>1<", "<tt:Month>13<")).value();
    CHECK_FALSE(wrong.utc);
    CHECK(decode_get_system_date_and_time(golden("renew.xml")).has_error());
    CHECK(encode_get_system_date_and_time() == "<tds:GetSystemDateAndTime/>");
}
