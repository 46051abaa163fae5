// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/set_door_control.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("set-door-control: bytes and fields; never a delay of 0 or a mode that is none") {
    const auto bytes = golden("set_door_control");
    DoorRule rule{.serial = serial, .door = 3, .mode = DoorMode::controlled, .delay_s = 5};
    CHECK(is_same(encode_set_door_control(rule).value(), bytes.requests.at(0)));
    CHECK(decode_set_door_control(bytes.answers.at(0)).value().delay_s == 5);
    check_refusals(bytes.answers.at(0), decode_set_door_control);
    rule.delay_s = 0;
    CHECK(!encode_set_door_control(rule));
    rule.delay_s = 5;
    rule.mode = static_cast<DoorMode>(4);
    CHECK(!encode_set_door_control(rule));
    rule.mode = DoorMode::normally_open;
    rule.door = 5;
    CHECK(!encode_set_door_control(rule));
}
