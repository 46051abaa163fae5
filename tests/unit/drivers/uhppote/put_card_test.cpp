// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/put_card.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

namespace {
Card card_8112345() {
    Card card;
    card.number = 8112345;
    card.from = parse_date("2026-01-01");
    card.to = parse_date("2026-12-31");
    card.doors = {1, 1, 0, 0};
    card.pin = 123456;
    return card;
}
} // namespace

TEST_CASE("put-card: bytes and fields") {
    const auto bytes = golden("put_card");
    CHECK(is_same(encode_put_card(serial, card_8112345()).value(), bytes.requests.at(0)));
    CHECK(decode_put_card(bytes.answers.at(0)).value().ok);
    check_refusals(bytes.answers.at(0), decode_put_card);
}

TEST_CASE("put-card is never sent with a number, PIN or date that the controller would take for something else") {
    for (const std::uint32_t number : {0u, 0xffffffffu, 0x00ffffffu}) {
        auto card = card_8112345();
        card.number = number;
        CHECK(!encode_put_card(serial, card));
    }
    auto card = card_8112345();
    card.pin = 1'000'000;
    CHECK(!encode_put_card(serial, card));
    card = card_8112345();
    card.to = parse_date("2026-02-30");
    CHECK(!encode_put_card(serial, card));
    card = card_8112345();
    card.doors[3] = 255;
    CHECK(!encode_put_card(serial, card));
}
