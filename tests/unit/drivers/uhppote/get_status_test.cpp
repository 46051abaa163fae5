// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_status.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("get-status: bytes and fields") {
    const auto bytes = golden("get_status");
    CHECK(is_same(encode_get_status(serial), bytes.requests.at(0)));
    const auto reply = decode_get_status(bytes.answers.at(0)).value();
    CHECK(reply.serial == serial);
    CHECK(reply.event.index == 1204);
    CHECK(reply.event.type == type_swipe);
    CHECK(reply.event.granted);
    CHECK(reply.event.door == 2);
    CHECK(reply.event.direction == 1);
    CHECK(reply.event.card == 8112345);
    CHECK(to_text(reply.event.time.value()) == "2026-01-15T08:30:12");
    CHECK(reply.event.reason == 1);
    CHECK(to_text(reply.time.value()) == "2026-01-15T08:30:12");
    CHECK(reply.sequence == 9);
    CHECK(reply.relays == 2);
    CHECK(reply.inputs == 0);
    check_refusals(bytes.answers.at(0), decode_get_status);
}

TEST_CASE("get-status of an empty log: no event, but states and clock; junk in the tail is nobody's business") {
    const auto reply = decode_get_status(golden("get_status").answers.at(1)).value();
    CHECK(reply.event.index == 0);
    CHECK(!reply.event.time);
    CHECK(reply.doors_open == std::array<bool, 4>{false, true, false, false});
    CHECK(reply.system_error == 3);
    CHECK(reply.inputs == 1);
    CHECK(to_text(reply.time.value()) == "2026-01-15T23:59:59");
}

TEST_CASE("event datagrams begin with 0x17 or 0x19; answers only with 0x17") {
    const auto bytes = golden("event");
    const auto swipe = decode_event_datagram(bytes.answers.at(0)).value();
    CHECK(swipe.event.index == 1204);
    CHECK(!decode_get_status(bytes.answers.at(0)));
    check_refusals(bytes.answers.at(0), decode_event_datagram);
    const auto forced = decode_event_datagram(bytes.answers.at(1)).value();
    CHECK(forced.event.type == 3);
    CHECK(forced.event.reason == 38);
    CHECK(forced.doors_open.at(0));
    CHECK(to_text(forced.time.value()) == "2026-01-15T08:31:41");
    const auto remote = decode_event_datagram(bytes.answers.at(2)).value();
    CHECK(!remote.event.time);
    CHECK(!remote.time);
}
