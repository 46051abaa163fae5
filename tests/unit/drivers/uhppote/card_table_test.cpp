// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/card_table.hpp"

#include "tests/unit/drivers/uhppote/site.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::tests;

namespace {
CardRow row(std::uint32_t number) {
    CardRow card;
    card.number = number;
    card.from = "2026-01-01";
    card.to = "2026-12-31";
    card.doors = {{1, 1}, {2, 29}};
    card.pin = 123456;
    return card;
}
} // namespace

TEST_CASE("a card put is the card got, and removed it is gone") {
    Site site;
    auto& cards = *site.driver->cards();
    CHECK(site.went_well(cards.put(row(8112345))));
    const auto got = site.result_of(cards.get(8112345))->value();
    REQUIRE(got);
    CHECK(got->from == "2026-01-01");
    CHECK(got->to == "2026-12-31");
    CHECK(got->doors.at(2) == 29);
    CHECK(got->doors.at(3) == 0);
    CHECK(got->pin == 123456);
    CHECK(site.went_well(cards.remove(8112345)));
    CHECK(!site.result_of(cards.get(8112345))->value());
    CHECK(site.went_well(cards.remove(8112345))); // gone is what was asked for
}

TEST_CASE("a list skips deleted slots and ends at the first that never was") {
    Site site;
    auto& cards = *site.driver->cards();
    for (const std::uint32_t number : {11u, 12u, 13u, 14u}) CHECK(site.went_well(cards.put(row(number))));
    CHECK(site.went_well(cards.remove(12)));
    const auto rows = site.result_of(cards.list())->value();
    REQUIRE(rows.size() == 3);
    CHECK(rows[1].number == 13);
}

TEST_CASE("what the controller would misread is never sent") {
    Site site;
    auto& cards = *site.driver->cards();
    for (const std::uint32_t number : {0u, 0xffffffffu, 0x00ffffffu})
        CHECK(site.result_of(cards.put(row(number)))->error().fault() == Fault::refused);
    auto card = row(5);
    card.pin = 1'000'000;
    CHECK(!site.went_well(cards.put(card)));
    card = row(5);
    card.doors[5] = 1;
    CHECK(!site.went_well(cards.put(card)));
    card = row(5);
    card.doors[1] = 255;
    CHECK(!site.went_well(cards.put(card)));
    card = row(5);
    card.from = "yesterday";
    CHECK(!site.went_well(cards.put(card)));
    CHECK(site.controller.asked[0x50] == 0);
}

TEST_CASE("a no is read back: what stands there as asked was written") {
    Site site;
    auto& cards = *site.driver->cards();
    CHECK(site.went_well(cards.put(row(7))));
    site.controller.says_no = true;
    auto changed = row(7);
    changed.pin = 4711;
    CHECK(site.went_well(cards.put(changed)));
    CHECK(site.result_of(cards.put(row(8)))->error().fault() == Fault::refused);
}
