// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/set_listener.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("set-listener: bytes and fields") {
    const auto bytes = golden("set_listener");
    ListenerAddress listener;
    listener.ip = parse_ip("192.168.50.10").value();
    listener.port = 60001;
    listener.interval_s = 15;
    CHECK(is_same(encode_set_listener(serial, listener), bytes.requests.at(0)));
    CHECK(decode_set_listener(bytes.answers.at(0)).value().ok);
    check_refusals(bytes.answers.at(0), decode_set_listener);
}
