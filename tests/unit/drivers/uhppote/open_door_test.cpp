// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/open_door.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("open-door: bytes and fields") {
    const auto bytes = golden("open_door");
    CHECK(is_same(encode_open_door(serial, 2), bytes.requests.at(0)));
    CHECK(decode_open_door(bytes.answers.at(0)).value().ok);
    CHECK(!decode_open_door(bytes.answers.at(1)).value().ok);
    check_refusals(bytes.answers.at(0), decode_open_door);
}
