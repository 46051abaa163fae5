// SPDX-License-Identifier: Apache-2.0
//
// Removes one card (0x52). Source: uhppoted/uhppote-core @117ff01, messages/delete_card.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_delete_card(std::uint32_t serial, std::uint32_t number);
Result<YesNo> decode_delete_card(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
