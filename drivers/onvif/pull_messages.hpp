// SPDX-License-Identifier: Apache-2.0
//
// PullMessages (ONVIF Core): what happened, kept by the device for at most `wait`.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::onvif {

constexpr std::string_view pull_messages_action = "http://www.onvif.org/ver10/events/wsdl/PullPointSubscription/PullMessagesRequest";
constexpr std::size_t notifications_max = 1024; ///< of one answer: some ignore MessageLimit
constexpr std::size_t items_max = 16;

struct Item {
    std::string name, value;
    friend bool operator==(const Item&, const Item&) = default;
};

struct Notification {
    enum class Property {
        initialized, ///< how things stand, told at the subscription
        changed,
        deleted, ///< its source is gone
        pulse,   ///< happened, lasts not
    };
    std::string topic; ///< its segments without their prefixes: "RuleEngine/CellMotionDetector/Motion"
    std::optional<Time> at;
    Property property = Property::pulse;
    std::vector<Item> source; ///< Source and Key, by name
    std::vector<Item> data;

    /// Topic and source: what has one state at a time.
    std::string key() const;
    const Item* data_item(std::string_view name) const; ///< any case
};

struct Pulled {
    std::optional<Time> now;                     ///< by the device's clock
    std::optional<std::chrono::seconds> granted; ///< the subscription's life from now
    std::vector<Notification> notifications;     ///< in the device's order
    std::size_t malformed = 0;                   ///< without topic or message
    std::size_t beyond = 0;                      ///< more than notifications_max
};

std::string encode_pull_messages(std::chrono::seconds wait, std::size_t limit);
Result<Pulled> decode_pull_messages(std::string_view bytes);

/// "true", "1", "on", "active" and their opposites, any case.
std::optional<bool> read_state(std::string_view value);

} // namespace gatehouse::drivers::onvif
