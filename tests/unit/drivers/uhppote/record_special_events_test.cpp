// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/record_special_events.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("record-special-events: bytes and fields") {
    const auto bytes = golden("record_special_events");
    CHECK(is_same(encode_record_special_events(serial, true), bytes.requests.at(0)));
    CHECK(decode_record_special_events(bytes.answers.at(0)).value().ok);
    check_refusals(bytes.answers.at(0), decode_record_special_events);
}
