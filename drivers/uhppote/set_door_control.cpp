// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/set_door_control.hpp"

namespace gatehouse::drivers::uhppote {

Result<Packet> encode_set_door_control(const DoorRule& rule) {
    const auto mode = static_cast<std::uint8_t>(rule.mode);
    if (rule.delay_s == 0 || mode < 1 || mode > 3) return Error(Fault::refused, "a door needs a delay and a mode of 1 to 3");
    if (rule.door < 1 || rule.door > 4) return Error(Fault::refused, "doors are 1 to 4");
    auto packet = make_request(Function::set_door_control, rule.serial);
    packet[8] = rule.door;
    packet[9] = mode;
    packet[10] = rule.delay_s;
    return packet;
}

Result<DoorRule> decode_set_door_control(ByteView bytes) { return read_door_rule(bytes, Function::set_door_control); }

} // namespace gatehouse::drivers::uhppote
