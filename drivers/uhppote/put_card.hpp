// SPDX-License-Identifier: Apache-2.0
//
// Writes a card with its doors (0x50), over whatever was there. Source: uhppoted/uhppote-core @117ff01, messages/put_card.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

constexpr std::uint32_t pin_max = 999'999; ///< a larger one is stored cut
constexpr std::uint32_t card_none = 0;
constexpr std::uint32_t card_deleted = 0xffffffff;
constexpr std::uint32_t card_24_bits = 0x00ffffff; ///< firmware misbehaves with it

/// A card as the wire has it.
struct Card {
    std::uint32_t number = 0;
    std::optional<Date> from, to;
    std::array<std::uint8_t, 4> doors{}; ///< 0 no, 1 always, 2 to 254 a time profile
    std::uint32_t pin = 0;               ///< 0: none
    std::uint8_t first_card = 0;         ///< bit n-1: door n
    friend bool operator==(const Card&, const Card&) = default;
};

/// Fault::refused: a number that firmware takes for "none" or "deleted" or stumbles over, a PIN above pin_max, permission 255, no dates.
Result<Packet> encode_put_card(std::uint32_t serial, const Card& card);
Result<YesNo> decode_put_card(ByteView bytes);

/// The fields as put-card and the get-card replies share them.
Card read_card(const Packet& packet);

} // namespace gatehouse::drivers::uhppote
