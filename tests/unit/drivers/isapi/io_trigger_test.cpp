// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/io_trigger.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("a relay's pulse") {
    CHECK(encode_io_trigger(true) == without_end(golden("io_trigger.xml")));
    CHECK(encode_io_trigger(false).find("low") != std::string::npos);
    CHECK(io_trigger_target(1) == "/ISAPI/System/IO/outputs/1/trigger");
}
