// SPDX-License-Identifier: Apache-2.0
//
// Sets how a door is ruled and how long it stays unlocked (0x80). Source: uhppoted/uhppote-core @117ff01, messages/set_door_control.go.
#pragma once

#include "drivers/uhppote/get_door_control.hpp"

namespace gatehouse::drivers::uhppote {

/// Fault::refused: a delay of 0 or a mode outside 1 to 3, which must never be sent, or no such door.
Result<Packet> encode_set_door_control(const DoorRule& rule);
Result<DoorRule> decode_set_door_control(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
