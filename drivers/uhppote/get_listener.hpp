// SPDX-License-Identifier: Apache-2.0
//
// Where the controller sends its events (0x92). Source: uhppoted/uhppote-core @117ff01, messages/get_listener.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

/// The one place that hears a controller. Address 0.0.0.0 or port 0: nobody.
struct ListenerAddress {
    IpAddress ip{};
    std::uint16_t port = 0;
    std::uint8_t interval_s = 0; ///< 0: events only, no repeats
    bool is_free() const { return ip == IpAddress{} || port == 0; }
    friend bool operator==(const ListenerAddress&, const ListenerAddress&) = default;
};

struct GetListenerReply {
    std::uint32_t serial = 0;
    ListenerAddress listener;
};

Packet encode_get_listener(std::uint32_t serial);
Result<GetListenerReply> decode_get_listener(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
