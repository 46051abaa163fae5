// SPDX-License-Identifier: Apache-2.0
//
// State, clock and last event of a controller (0x20): the answer to a question, and the datagram that it sends by itself when
// something happens and, as a heartbeat, every few seconds. Source: uhppoted/uhppote-core @117ff01, messages/get_status.go.
#pragma once

#include "drivers/uhppote/get_event.hpp"

namespace gatehouse::drivers::uhppote {

/// Everything but the doors' states is zero while the log is empty.
struct Status {
    std::uint32_t serial = 0;
    LoggedEvent event;                ///< the last one; index 0: none stored
    std::array<bool, 4> doors_open{}; ///< door contacts
    std::array<bool, 4> buttons_pressed{};
    std::uint8_t system_error = 0;
    std::optional<LocalTime> time; ///< the controller's clock now
    std::uint32_t sequence = 0;
    std::uint8_t special_info = 0;
    std::uint8_t relays = 0; ///< bit n-1: door n unlocked
    std::uint8_t inputs = 0; ///< bit 0 forced lock, bit 1 fire
};

Packet encode_get_status(std::uint32_t serial);
Result<Status> decode_get_status(ByteView bytes);
/// The same layout sent unasked; firmware 6.62 and later begins it with 0x19.
Result<Status> decode_event_datagram(ByteView bytes);

} // namespace gatehouse::drivers::uhppote
