// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_card.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("get-card: bytes and fields") {
    const auto bytes = golden("get_card");
    CHECK(is_same(encode_get_card(serial, 8112345), bytes.requests.at(0)));
    const auto card = decode_get_card(bytes.answers.at(0)).value().card;
    CHECK(card.number == 8112345);
    CHECK(to_text(card.from.value()) == "2026-01-01");
    CHECK(to_text(card.to.value()) == "2026-12-31");
    CHECK(card.doors == std::array<std::uint8_t, 4>{1, 0, 29, 0});
    CHECK(card.pin == 123456);
    CHECK(decode_get_card(bytes.answers.at(1)).value().card.number == card_none);
    check_refusals(bytes.answers.at(0), decode_get_card);
}
