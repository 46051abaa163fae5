// SPDX-License-Identifier: Apache-2.0
//
// The card in a slot (0x5C), slots from 1. Source: uhppoted/uhppote-core @117ff01, messages/get_card.go.
#pragma once

#include "drivers/uhppote/get_card.hpp"

namespace gatehouse::drivers::uhppote {

/// card.number card_none: past the last slot; card_deleted: an empty one, go on.
Packet encode_get_card_by_index(std::uint32_t serial, std::uint32_t index);
Result<GetCardReply> decode_get_card_by_index(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
