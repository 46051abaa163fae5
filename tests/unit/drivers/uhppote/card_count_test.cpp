// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/card_count.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("card count: bytes and fields") {
    const auto bytes = golden("card_count");
    CHECK(is_same(encode_card_count(serial), bytes.requests.at(0)));
    CHECK(decode_card_count(bytes.answers.at(0)).value().cards == 12345);
    check_refusals(bytes.answers.at(0), decode_card_count);
}
