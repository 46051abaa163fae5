// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/delete_card.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_delete_card(std::uint32_t serial, std::uint32_t number) {
    auto packet = make_request(Function::delete_card, serial);
    put_u32_at(packet, 8, number);
    return packet;
}

Result<YesNo> decode_delete_card(ByteView bytes) { return read_yes_no(bytes, Function::delete_card); }

} // namespace gatehouse::drivers::uhppote
