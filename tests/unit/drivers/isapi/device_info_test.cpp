// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/device_info.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("who a device is, without what an installer called it") {
    const auto info = decode_device_info(golden("device_info.xml"));
    REQUIRE(info.has_value());
    CHECK(info->model == "DS-K1T341AMF");
    CHECK(info->firmware == "V3.2.30");
    CHECK(info->firmware_date == "build 210701");
    CHECK(info->mac_address == "a4:d5:c2:10:20:30");
    CHECK(info->device_type == "ACS");
    CHECK(info->serial_number == "DS-K1T341AMF20210101V030200ENF00000001");
    CHECK(decode_device_info("<html/>").has_error());
}
