// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/set_event_index.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("set-event-index: bytes, guarded by the magic word") {
    const auto bytes = golden("set_event_index");
    CHECK(is_same(encode_set_event_index(serial, 1205), bytes.requests.at(0)));
    CHECK(decode_set_event_index(bytes.answers.at(0)).value().ok);
    check_refusals(bytes.answers.at(0), decode_set_event_index);
}
