// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_event.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_get_event(std::uint32_t serial, std::uint32_t index) {
    auto packet = make_request(Function::get_event, serial);
    put_u32_at(packet, 8, index);
    return packet;
}

Result<GetEventReply> decode_get_event(ByteView bytes) {
    const auto packet = read_reply(bytes, Function::get_event);
    if (!packet) return packet.error();
    GetEventReply reply;
    reply.serial = serial_of(*packet);
    reply.event.index = u32_at(*packet, 8);
    reply.event.type = (*packet)[12];
    reply.event.granted = (*packet)[13] == 1;
    reply.event.door = (*packet)[14];
    reply.event.direction = (*packet)[15];
    reply.event.card = u32_at(*packet, 16);
    reply.event.time = date_time_at(*packet, 20);
    reply.event.reason = (*packet)[27];
    return reply;
}

} // namespace gatehouse::drivers::uhppote
