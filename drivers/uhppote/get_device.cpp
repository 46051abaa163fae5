// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_device.hpp"

#include <algorithm>

namespace gatehouse::drivers::uhppote {

Packet encode_get_device(std::uint32_t serial) { return make_request(Function::get_device, serial); }

Result<GetDeviceReply> decode_get_device(ByteView bytes) {
    const auto packet = read_reply(bytes, Function::get_device);
    if (!packet) return packet.error();
    GetDeviceReply reply;
    reply.serial = serial_of(*packet);
    reply.address = ip_at(*packet, 8);
    reply.mask = ip_at(*packet, 12);
    reply.gateway = ip_at(*packet, 16);
    std::copy_n(packet->begin() + 20, reply.mac.size(), reply.mac.begin());
    // Two BCD bytes, "06 62"; printed as they stand, since a nibble above 9 has been no reason to refuse a controller.
    const auto digits = to_hex(ByteView(*packet).subspan(26, 2));
    reply.version = (digits[0] == '0' ? digits.substr(1, 1) : digits.substr(0, 2)) + "." + digits.substr(2);
    reply.made_on = date_at(*packet, 28);
    return reply;
}

} // namespace gatehouse::drivers::uhppote
