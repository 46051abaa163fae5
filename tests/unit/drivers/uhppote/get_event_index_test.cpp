// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_event_index.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("get-event-index: bytes and fields") {
    const auto bytes = golden("get_event_index");
    CHECK(is_same(encode_get_event_index(serial), bytes.requests.at(0)));
    CHECK(decode_get_event_index(bytes.answers.at(0)).value().index == 1205);
    check_refusals(bytes.answers.at(0), decode_get_event_index);
}
