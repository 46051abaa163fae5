// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/record_special_events.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_record_special_events(std::uint32_t serial, bool enable) {
    auto packet = make_request(Function::record_special_events, serial);
    packet[8] = enable ? 1 : 0;
    return packet;
}

Result<YesNo> decode_record_special_events(ByteView bytes) { return read_yes_no(bytes, Function::record_special_events); }

} // namespace gatehouse::drivers::uhppote
