// SPDX-License-Identifier: Apache-2.0
//
// Sets the controller's clock (0x30); it answers what it then shows. Source: uhppoted/uhppote-core @117ff01, messages/set_time.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

struct SetTimeReply {
    std::uint32_t serial = 0;
    std::optional<LocalTime> time;
};

Packet encode_set_time(std::uint32_t serial, LocalTime time);
Result<SetTimeReply> decode_set_time(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
