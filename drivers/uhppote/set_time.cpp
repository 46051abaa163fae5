// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/set_time.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_set_time(std::uint32_t serial, LocalTime time) {
    auto packet = make_request(Function::set_time, serial);
    put_date_time_at(packet, 8, time);
    return packet;
}

Result<SetTimeReply> decode_set_time(ByteView bytes) {
    const auto packet = read_reply(bytes, Function::set_time);
    if (!packet) return packet.error();
    return SetTimeReply{.serial = serial_of(*packet), .time = date_time_at(*packet, 8)};
}

} // namespace gatehouse::drivers::uhppote
