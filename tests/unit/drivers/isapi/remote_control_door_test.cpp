// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/remote_control_door.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("open door, XML and JSON") {
    CHECK(encode_open_door(false) == without_end(golden("open_door.xml")));
    CHECK(encode_open_door(true) == without_end(golden("open_door.json")));
    CHECK(open_door_target(1, false) == "/ISAPI/AccessControl/RemoteControl/door/1");
    CHECK(open_door_target(2, true) == "/ISAPI/AccessControl/RemoteControl/door/2?format=json");
}
