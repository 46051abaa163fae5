// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/delete_card.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("delete-card: bytes and fields") {
    const auto bytes = golden("delete_card");
    CHECK(is_same(encode_delete_card(serial, 8112345), bytes.requests.at(0)));
    CHECK(decode_delete_card(bytes.answers.at(0)).value().ok);
    check_refusals(bytes.answers.at(0), decode_delete_card);
}
