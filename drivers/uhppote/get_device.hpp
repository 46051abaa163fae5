// SPDX-License-Identifier: Apache-2.0
//
// Who are you (0x94): address, MAC and firmware. With serial 0 it is discovery. Source: uhppoted/uhppote-core @117ff01, messages/get_device.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

struct GetDeviceReply {
    std::uint32_t serial = 0;
    IpAddress address{}, mask{}, gateway{};
    std::array<std::uint8_t, 6> mac{};
    std::string version;         ///< "6.62"
    std::optional<Date> made_on; ///< of the firmware
};

Packet encode_get_device(std::uint32_t serial);
Result<GetDeviceReply> decode_get_device(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
