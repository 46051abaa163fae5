// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_listener.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("get-listener: bytes and fields") {
    const auto bytes = golden("get_listener");
    CHECK(is_same(encode_get_listener(serial), bytes.requests.at(0)));
    const auto listener = decode_get_listener(bytes.answers.at(0)).value().listener;
    CHECK(to_text(listener.ip) == "192.168.50.10");
    CHECK(listener.port == 60001);
    CHECK(listener.interval_s == 15);
    CHECK(!listener.is_free());
    CHECK(decode_get_listener(bytes.answers.at(1)).value().listener.is_free());
    check_refusals(bytes.answers.at(0), decode_get_listener);
}
