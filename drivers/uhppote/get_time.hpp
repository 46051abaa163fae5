// SPDX-License-Identifier: Apache-2.0
//
// What the controller's clock shows (0x32). Source: uhppoted/uhppote-core @117ff01, messages/get_time.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

struct GetTimeReply {
    std::uint32_t serial = 0;
    std::optional<LocalTime> time;
};

Packet encode_get_time(std::uint32_t serial);
Result<GetTimeReply> decode_get_time(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
