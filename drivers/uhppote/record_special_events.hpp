// SPDX-License-Identifier: Apache-2.0
//
// Whether door contacts and buttons are written to the log too (0x8E). Source: uhppoted/uhppote-core @117ff01, messages/record_special_events.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_record_special_events(std::uint32_t serial, bool enable);
Result<YesNo> decode_record_special_events(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
