// SPDX-License-Identifier: Apache-2.0
//
// What a controller's reason numbers mean, as one table. Whether somebody was let in is never read from here: that is the event's own
// granted byte. Source: uhppoted/uhppote-simulator, entities/reasons.go, and the maker's table that it names.
#pragma once

#include "daemon/record/kind.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::drivers::uhppote {

/// What kind of thing a reason speaks of. A passage becomes pass.granted or pass.denied by the granted byte.
enum class Family { passage, other };

struct Reason {
    std::uint8_t number = 0;
    Family family = Family::other;
    Kind kind = Kind::device_event; ///< Family::other
    std::string_view word;          ///< fact `reason` of passages and doors, `code` of alarms and device events
    std::string_view method;        ///< fact `method`, may be empty
};

/// Null: a number that nobody has named.
const Reason* reason_numbered(std::uint8_t number);

} // namespace gatehouse::drivers::uhppote
