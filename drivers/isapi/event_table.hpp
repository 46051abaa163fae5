// SPDX-License-Identifier: Apache-2.0
//
// Which vendor code is which kind of ours: data, so that a new camera needs no C++. Taken by value; the built-in table equals
// Hikvision's code pairs (major, minor) and smart events as they were seen or stand in the SDK header.
#pragma once

#include "daemon/record/kind.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::isapi {

/// Access events first..last of one major are `kind`.
struct AccessRow {
    std::int64_t major = 5, first = 0, last = 0;
    Kind kind = Kind::device_event;
    std::string method; ///< of passes and doors, or empty
    std::string reason; ///< of passes and doors, or empty
    std::string code;   ///< our word for alarms, device events and settings
};

/// A smart event of a camera. Without `ended` it is told once while it lasts and has no end.
struct SmartRow {
    std::string event; ///< eventType, any case
    Kind began = Kind::device_event;
    std::optional<Kind> ended;
    std::string code;
    bool only_with_faces = false; ///< of strangers: dropped unless the device's option "faces" is "yes"
};

struct EventTable {
    std::vector<AccessRow> access;
    std::vector<SmartRow> smart;

    const AccessRow* access_row(std::int64_t major, std::int64_t minor) const;
    const SmartRow* smart_row(std::string_view event) const;
};

EventTable built_in_events();

/// The pairs that let somebody in, by the vendor's SDK. A table row cannot widen this: a grant is never guessed.
bool is_grant(std::int64_t major, std::int64_t minor);

} // namespace gatehouse::drivers::isapi
