// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/set_event_index.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_set_event_index(std::uint32_t serial, std::uint32_t index) {
    auto packet = make_request(Function::set_event_index, serial);
    put_u32_at(packet, 8, index);
    put_u32_at(packet, 12, magic_word);
    return packet;
}

Result<YesNo> decode_set_event_index(ByteView bytes) { return read_yes_no(bytes, Function::set_event_index); }

} // namespace gatehouse::drivers::uhppote
