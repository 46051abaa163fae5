// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_door_control.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_get_door_control(std::uint32_t serial, std::uint8_t door) {
    auto packet = make_request(Function::get_door_control, serial);
    packet[8] = door;
    return packet;
}

Result<DoorRule> decode_get_door_control(ByteView bytes) { return read_door_rule(bytes, Function::get_door_control); }

Result<DoorRule> read_door_rule(ByteView bytes, Function function) {
    const auto packet = read_reply(bytes, function);
    if (!packet) return packet.error();
    const std::uint8_t mode = (*packet)[9];
    if (mode < 1 || mode > 3) return Error(Fault::malformed, "door mode " + std::to_string(mode));
    return DoorRule{.serial = serial_of(*packet), .door = (*packet)[8], .mode = static_cast<DoorMode>(mode), .delay_s = (*packet)[10]};
}

} // namespace gatehouse::drivers::uhppote
