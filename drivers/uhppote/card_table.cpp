// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/card_table.hpp"

#include "drivers/uhppote/card_count.hpp"
#include "drivers/uhppote/delete_card.hpp"
#include "drivers/uhppote/get_card_by_index.hpp"

namespace gatehouse::drivers::uhppote {

namespace {

Result<Card> to_wire(const CardRow& row) {
    Card card;
    card.number = row.number;
    card.from = parse_date(row.from);
    card.to = parse_date(row.to);
    card.pin = row.pin;
    for (const auto& [door, permission] : row.doors) {
        if (door < 1 || door > 4 || permission < 0 || permission > 254)
            return Error(Fault::refused, "door " + std::to_string(door) + " with permission " + std::to_string(permission));
        card.doors.at(static_cast<std::size_t>(door - 1)) = static_cast<std::uint8_t>(permission);
    }
    return card;
}

CardRow from_wire(const Card& card) {
    CardRow row;
    row.number = card.number;
    if (card.from) row.from = to_text(*card.from);
    if (card.to) row.to = to_text(*card.to);
    for (std::size_t i = 0; i < card.doors.size(); ++i) row.doors[static_cast<std::int64_t>(i) + 1] = card.doors.at(i);
    row.pin = card.pin;
    return row;
}

bool is_a_card(std::uint32_t number) { return number != card_none && number != card_deleted; }

} // namespace

Task<Done> ControllerCards::put(CardRow row) {
    auto card = to_wire(row);
    if (!card) co_return std::move(card).error();
    auto request = encode_put_card(device_.serial, *card);
    if (!request) co_return std::move(request).error();
    auto packet = co_await exchange_.ask(*request);
    if (!packet) co_return std::move(packet).error().during("writing a card");
    const auto reply = decode_put_card(*packet);
    if (!reply) co_return reply.error();
    if (reply->ok) co_return Done();
    auto there = co_await get(row.number);
    if (!there) co_return std::move(there).error();
    auto kept = there->has_value() ? to_wire(**there) : Result<Card>(Card());
    if (kept && *kept == *card) co_return Done();
    co_return Error(Fault::refused, "the controller did not take the card");
}

Task<Result<std::optional<CardRow>>> ControllerCards::get(std::uint32_t number) {
    auto packet = co_await exchange_.ask(encode_get_card(device_.serial, number));
    if (!packet) co_return std::move(packet).error().during("reading a card");
    const auto reply = decode_get_card(*packet);
    if (!reply) co_return reply.error();
    std::optional<CardRow> row;
    if (is_a_card(reply->card.number)) row = from_wire(reply->card);
    co_return std::move(row);
}

Task<Done> ControllerCards::remove(std::uint32_t number) {
    auto packet = co_await exchange_.ask(encode_delete_card(device_.serial, number));
    if (!packet) co_return std::move(packet).error().during("deleting a card");
    const auto reply = decode_delete_card(*packet);
    if (!reply) co_return reply.error();
    if (reply->ok) co_return Done();
    auto there = co_await get(number);
    if (!there) co_return std::move(there).error();
    if (!there->has_value()) co_return Done(); // gone is what was asked for
    co_return Error(Fault::refused, "the controller did not delete the card");
}

Task<Result<std::vector<CardRow>>> ControllerCards::list() {
    std::vector<CardRow> rows;
    for (std::uint32_t index = 1; index <= card_slots_max; ++index) {
        auto packet = co_await exchange_.ask(encode_get_card_by_index(device_.serial, index));
        if (!packet) co_return std::move(packet).error().during("listing cards");
        const auto reply = decode_get_card_by_index(*packet);
        if (!reply) co_return reply.error();
        if (reply->card.number == card_none) co_return std::move(rows);
        if (reply->card.number != card_deleted) rows.push_back(from_wire(reply->card));
    }
    co_return Error(Fault::full, "the controller's card list does not end");
}

} // namespace gatehouse::drivers::uhppote
