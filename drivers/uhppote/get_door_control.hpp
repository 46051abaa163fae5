// SPDX-License-Identifier: Apache-2.0
//
// How a door is ruled and how long it stays unlocked (0x82). Source: uhppoted/uhppote-core @117ff01, messages/get_door_control.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

enum class DoorMode : std::uint8_t { normally_open = 1, normally_closed = 2, controlled = 3 };

struct DoorRule {
    std::uint32_t serial = 0;
    std::uint8_t door = 0;
    DoorMode mode = DoorMode::controlled;
    std::uint8_t delay_s = 0;
};

Packet encode_get_door_control(std::uint32_t serial, std::uint8_t door);
/// Fault::malformed: a mode outside 1 to 3.
Result<DoorRule> decode_get_door_control(ByteView bytes);

/// The fields as the set and get replies share them.
Result<DoorRule> read_door_rule(ByteView bytes, Function function);

} // namespace gatehouse::drivers::uhppote
