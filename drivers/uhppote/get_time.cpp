// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_time.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_get_time(std::uint32_t serial) { return make_request(Function::get_time, serial); }

Result<GetTimeReply> decode_get_time(ByteView bytes) {
    const auto packet = read_reply(bytes, Function::get_time);
    if (!packet) return packet.error();
    return GetTimeReply{.serial = serial_of(*packet), .time = date_time_at(*packet, 8)};
}

} // namespace gatehouse::drivers::uhppote
