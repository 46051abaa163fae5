// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/card_count.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_card_count(std::uint32_t serial) { return make_request(Function::card_count, serial); }

Result<CardCountReply> decode_card_count(ByteView bytes) {
    const auto packet = read_reply(bytes, Function::card_count);
    if (!packet) return packet.error();
    return CardCountReply{.serial = serial_of(*packet), .cards = u32_at(*packet, 8)};
}

} // namespace gatehouse::drivers::uhppote
