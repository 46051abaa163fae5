// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_device.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("get-device: bytes and fields") {
    const auto bytes = golden("get_device");
    CHECK(is_same(encode_get_device(serial), bytes.requests.at(0)));
    const auto reply = decode_get_device(bytes.answers.at(0)).value();
    CHECK(reply.serial == serial);
    CHECK(to_text(reply.address) == "192.168.50.21");
    CHECK(to_text(reply.mask) == "255.255.255.0");
    CHECK(to_text(reply.gateway) == "192.168.50.1");
    CHECK(to_hex(reply.mac) == "00661959d1b4");
    CHECK(reply.version == "6.62");
    CHECK(to_text(reply.made_on.value()) == "2020-01-15");
    check_refusals(bytes.answers.at(0), decode_get_device);
}
