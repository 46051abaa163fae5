// SPDX-License-Identifier: Apache-2.0
//
// Which topic of ONVIF is which kind of ours: data, so that a new camera needs no C++. Taken by value.
#pragma once

#include "daemon/record/kind.hpp"
#include "drivers/onvif/pull_messages.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::drivers::onvif {

struct TopicRow {
    std::string topic; ///< without prefixes, any case: "RuleEngine/CellMotionDetector/Motion"; "…/*": all below it
    std::string item;  ///< the data item that holds its state, any case; empty: each message is one event, whatever it holds
    Kind began = Kind::device_event;
    std::optional<Kind> ended; ///< none: it is told once while it lasts
    std::string code;
};

struct EventTable {
    std::vector<TopicRow> topics;

    /// The first row that fits topic and items; none: nobody said what it means.
    const TopicRow* row_of(const Notification& notification) const;
};

/// The topics of ONVIF's own services, and those of vendors that were seen.
EventTable built_in_events();

/// What devices say of their own load and settings all day long.
bool is_chatter(const Notification& notification);

} // namespace gatehouse::drivers::onvif
