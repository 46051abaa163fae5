// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_event.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("get-event: bytes and fields") {
    const auto bytes = golden("get_event");
    CHECK(is_same(encode_get_event(serial, 1204), bytes.requests.at(0)));
    const auto event = decode_get_event(bytes.answers.at(0)).value().event;
    CHECK(event.index == 1204);
    CHECK(event.type == type_swipe);
    CHECK(event.granted);
    CHECK(event.door == 2);
    CHECK(event.direction == 1);
    CHECK(event.card == 8112345);
    CHECK(to_text(event.time.value()) == "2026-01-15T08:30:12");
    CHECK(event.reason == 1);
    CHECK(decode_get_event(bytes.answers.at(1)).value().event.type == type_overwritten);
    CHECK(decode_get_event(bytes.answers.at(2)).value().event.index == 0);
    check_refusals(bytes.answers.at(0), decode_get_event);
}
