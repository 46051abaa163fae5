// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_card_by_index.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_get_card_by_index(std::uint32_t serial, std::uint32_t index) {
    auto packet = make_request(Function::get_card_by_index, serial);
    put_u32_at(packet, 8, index);
    return packet;
}

Result<GetCardReply> decode_get_card_by_index(ByteView bytes) {
    const auto packet = read_reply(bytes, Function::get_card_by_index);
    if (!packet) return packet.error();
    return GetCardReply{.serial = serial_of(*packet), .card = read_card(*packet)};
}

} // namespace gatehouse::drivers::uhppote
