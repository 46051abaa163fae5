// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_card.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_get_card(std::uint32_t serial, std::uint32_t number) {
    auto packet = make_request(Function::get_card, serial);
    put_u32_at(packet, 8, number);
    return packet;
}

Result<GetCardReply> decode_get_card(ByteView bytes) {
    const auto packet = read_reply(bytes, Function::get_card);
    if (!packet) return packet.error();
    return GetCardReply{.serial = serial_of(*packet), .card = read_card(*packet)};
}

} // namespace gatehouse::drivers::uhppote
