// SPDX-License-Identifier: Apache-2.0
//
// One card by its number (0x5A). Source: uhppoted/uhppote-core @117ff01, messages/get_card.go.
#pragma once

#include "drivers/uhppote/put_card.hpp"

namespace gatehouse::drivers::uhppote {

/// card.number card_none: there is none.
struct GetCardReply {
    std::uint32_t serial = 0;
    Card card;
};

Packet encode_get_card(std::uint32_t serial, std::uint32_t number);
Result<GetCardReply> decode_get_card(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
