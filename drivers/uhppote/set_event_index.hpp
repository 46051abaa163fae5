// SPDX-License-Identifier: Apache-2.0
//
// Sets the controller's scratch number for a host (0xB2). Source: uhppoted/uhppote-core @117ff01, messages/set_event_index.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_set_event_index(std::uint32_t serial, std::uint32_t index);
Result<YesNo> decode_set_event_index(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
