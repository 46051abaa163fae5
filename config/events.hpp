// SPDX-License-Identifier: Apache-2.0
//
// Vendors' event codes as data: config/events/<driver>.toml says which code is which kind of ours, so that a new camera needs no C++.
// daemon/app hands the rows to the driver as values.
#pragma once

#include "config/flaw.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// Numbered codes: first..last of one major are `kind`.
struct AccessCode {
    std::int64_t major = 0, first = 0;
    std::int64_t last = 0; ///< never below first
    std::string kind;      ///< a kind's name
    std::string method;    ///< of passes and doors, or empty
    std::string reason;    ///< of passes and doors, or empty
    std::string code;      ///< our word for alarms, device events and settings, or empty
};

/// Named events.
struct SmartCode {
    std::string event; ///< the device's own name
    std::string began; ///< a kind's name
    std::string ended; ///< empty: the event has no end
    std::string code;
    bool only_with_faces = false; ///< of strangers: dropped unless asked for
    std::string item;             ///< of ONVIF: the data item that holds its state; empty: each message is one event
};

struct EventCodes {
    std::vector<AccessCode> access;
    std::vector<SmartCode> smart;
};

struct EventOutcome {
    std::optional<EventCodes> codes;
    std::vector<Flaw> flaws;
};

EventOutcome parse_events(std::string_view text, const std::string& file);
EventOutcome read_events(const std::string& file);

/// As a file, a row a line.
std::string print_events(const EventCodes& codes, const Words& heading);

} // namespace gatehouse::config
