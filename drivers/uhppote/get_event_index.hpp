// SPDX-License-Identifier: Apache-2.0
//
// The controller's scratch number for a host (0xB4). Other tools use it too: we only look. Source: uhppoted/uhppote-core @117ff01, messages/get_event_index.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

struct GetEventIndexReply {
    std::uint32_t serial = 0;
    std::uint32_t index = 0;
};

Packet encode_get_event_index(std::uint32_t serial);
Result<GetEventIndexReply> decode_get_event_index(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
