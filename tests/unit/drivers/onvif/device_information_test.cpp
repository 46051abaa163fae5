// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/device_information.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("device information: maker, model, firmware, serial number") {
    const auto known = decode_get_device_information(golden("device_information.xml")).value();
    CHECK(known.manufacturer == "HIKVISION");
    CHECK(known.model == "DS-2CD2T47G2-L");
    CHECK(known.firmware == "V5.7.3 build 230101");
    CHECK(known.serial_number == "DS-2CD2T47G2-L20240115AAWRF00000001");
    const auto long_one = decode_get_device_information(replaced(golden("device_information.xml"), "HIKVISION", std::string(5000, 'H'))).value();
    CHECK(long_one.manufacturer.size() == 128);
    CHECK(decode_get_device_information(golden("fault_not_authorized.xml")).error().fault() == Fault::refused);
}
