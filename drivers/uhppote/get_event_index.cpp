// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_event_index.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_get_event_index(std::uint32_t serial) { return make_request(Function::get_event_index, serial); }

Result<GetEventIndexReply> decode_get_event_index(ByteView bytes) {
    const auto packet = read_reply(bytes, Function::get_event_index);
    if (!packet) return packet.error();
    return GetEventIndexReply{.serial = serial_of(*packet), .index = u32_at(*packet, 8)};
}

} // namespace gatehouse::drivers::uhppote
