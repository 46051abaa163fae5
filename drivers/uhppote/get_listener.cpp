// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_listener.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_get_listener(std::uint32_t serial) { return make_request(Function::get_listener, serial); }

Result<GetListenerReply> decode_get_listener(ByteView bytes) {
    const auto packet = read_reply(bytes, Function::get_listener);
    if (!packet) return packet.error();
    GetListenerReply reply;
    reply.serial = serial_of(*packet);
    reply.listener.ip = ip_at(*packet, 8);
    reply.listener.port = u16_at(*packet, 12);
    reply.listener.interval_s = (*packet)[14];
    return reply;
}

} // namespace gatehouse::drivers::uhppote
