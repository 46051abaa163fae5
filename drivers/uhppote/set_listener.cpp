// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/set_listener.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_set_listener(std::uint32_t serial, const ListenerAddress& listener) {
    auto packet = make_request(Function::set_listener, serial);
    put_ip_at(packet, 8, listener.ip);
    put_u16_at(packet, 12, listener.port);
    packet[14] = listener.interval_s;
    return packet;
}

Result<YesNo> decode_set_listener(ByteView bytes) { return read_yes_no(bytes, Function::set_listener); }

} // namespace gatehouse::drivers::uhppote
