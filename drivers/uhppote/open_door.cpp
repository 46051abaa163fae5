// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/open_door.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_open_door(std::uint32_t serial, std::uint8_t door) {
    auto packet = make_request(Function::open_door, serial);
    packet[8] = door;
    return packet;
}

Result<YesNo> decode_open_door(ByteView bytes) { return read_yes_no(bytes, Function::open_door); }

} // namespace gatehouse::drivers::uhppote
