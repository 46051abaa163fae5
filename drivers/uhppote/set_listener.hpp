// SPDX-License-Identifier: Apache-2.0
//
// Points the controller's events at one address (0x90). Source: uhppoted/uhppote-core @117ff01, messages/set_listener.go.
#pragma once

#include "drivers/uhppote/get_listener.hpp"

namespace gatehouse::drivers::uhppote {

Packet encode_set_listener(std::uint32_t serial, const ListenerAddress& listener);
Result<YesNo> decode_set_listener(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
