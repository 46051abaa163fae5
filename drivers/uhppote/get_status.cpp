// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_status.hpp"

namespace gatehouse::drivers::uhppote {

namespace {

Status read_status(const Packet& packet) {
    Status status;
    status.serial = serial_of(packet);
    status.event.index = u32_at(packet, 8);
    status.event.type = packet[12];
    status.event.granted = packet[13] == 1;
    status.event.door = packet[14];
    status.event.direction = packet[15];
    status.event.card = u32_at(packet, 16);
    status.event.time = date_time_at(packet, 20);
    status.event.reason = packet[27];
    for (std::size_t i = 0; i < 4; ++i) {
        status.doors_open.at(i) = packet.at(28 + i) != 0;
        status.buttons_pressed.at(i) = packet.at(32 + i) != 0;
    }
    status.system_error = packet[36];
    status.time = split_time_at(packet, 51, 37);
    status.sequence = u32_at(packet, 40);
    status.special_info = packet[48];
    status.relays = packet[49];
    status.inputs = packet[50];
    return status;
}

} // namespace

Packet encode_get_status(std::uint32_t serial) { return make_request(Function::get_status, serial); }

Result<Status> decode_get_status(ByteView bytes) {
    const auto packet = read_reply(bytes, Function::get_status);
    if (!packet) return packet.error();
    return read_status(*packet);
}

Result<Status> decode_event_datagram(ByteView bytes) {
    const auto packet = read_event_datagram(bytes);
    if (!packet) return packet.error();
    return read_status(*packet);
}

} // namespace gatehouse::drivers::uhppote
