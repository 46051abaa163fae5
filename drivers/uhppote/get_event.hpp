// SPDX-License-Identifier: Apache-2.0
//
// One event of the controller's memory by its index (0xB0). Source: uhppoted/uhppote-core @117ff01, messages/get_event.go.
#pragma once

#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

constexpr std::uint32_t first_event = 0;         ///< asks for the oldest one kept
constexpr std::uint32_t last_event = 0xffffffff; ///< asks for the newest
constexpr std::uint8_t type_swipe = 1;           ///< only now the card field is a card number
constexpr std::uint8_t type_overwritten = 0xff;

/// An event, alike in get-event, get-status and event datagrams.
struct LoggedEvent {
    std::uint32_t index = 0; ///< 0: there is no such event
    std::uint8_t type = 0;   ///< 0 none, 1 swipe, 2 door, button or remote, 3 alarm, 0xff overwritten
    bool granted = false;
    std::uint8_t door = 0;
    std::uint8_t direction = 0; ///< 1 in, 2 out
    std::uint32_t card = 0;     ///< junk unless type is 1
    std::optional<LocalTime> time;
    std::uint8_t reason = 0;
    friend bool operator==(const LoggedEvent&, const LoggedEvent&) = default;
};

struct GetEventReply {
    std::uint32_t serial = 0;
    LoggedEvent event;
};

Packet encode_get_event(std::uint32_t serial, std::uint32_t index);
Result<GetEventReply> decode_get_event(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
