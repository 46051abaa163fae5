// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_card_by_index.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("get-card-by-index: bytes and fields") {
    const auto bytes = golden("get_card_by_index");
    CHECK(is_same(encode_get_card_by_index(serial, 4), bytes.requests.at(0)));
    CHECK(decode_get_card_by_index(bytes.answers.at(0)).value().card.number == 8112345);
    CHECK(decode_get_card_by_index(bytes.answers.at(1)).value().card.number == card_deleted);
    check_refusals(bytes.answers.at(0), decode_get_card_by_index);
}
