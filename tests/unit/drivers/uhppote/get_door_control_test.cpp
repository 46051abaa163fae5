// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_door_control.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("get-door-control: bytes and fields") {
    const auto bytes = golden("get_door_control");
    CHECK(is_same(encode_get_door_control(serial, 3), bytes.requests.at(0)));
    const auto rule = decode_get_door_control(bytes.answers.at(0)).value();
    CHECK(rule.door == 3);
    CHECK(rule.mode == DoorMode::controlled);
    CHECK(rule.delay_s == 5);
    CHECK(!decode_get_door_control(bytes.answers.at(1)));
    check_refusals(bytes.answers.at(0), decode_get_door_control);
}
