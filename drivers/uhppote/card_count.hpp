// SPDX-License-Identifier: Apache-2.0
//
// How many cards the controller holds (0x58), deleted slots not counted. Source: uhppoted/uhppote-core @117ff01, messages/get_cards.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

struct CardCountReply {
    std::uint32_t serial = 0;
    std::uint32_t cards = 0;
};

Packet encode_card_count(std::uint32_t serial);
Result<CardCountReply> decode_card_count(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
