// SPDX-License-Identifier: Apache-2.0
//
// Unlocks a door for its delay (0x40). Not safe to repeat at leisure: it may open twice. Source: uhppoted/uhppote-core @117ff01, messages/open_door.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

/// `door` 1 to 4.
Packet encode_open_door(std::uint32_t serial, std::uint8_t door);
Result<YesNo> decode_open_door(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
