// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/pull_messages.hpp"

#include "daemon/base/text.hpp"
#include "drivers/onvif/soap.hpp"
#include "drivers/onvif/time_text.hpp"

#include <algorithm>

namespace gatehouse::drivers::onvif {

namespace {

/// "tns1:Device/Trigger/tnshik:AlarmIn" -> "Device/Trigger/AlarmIn": prefixes are the vendor's choice, and not always declared.
std::string topic_of(std::string_view text) {
    const auto whole = word_of(text);
    std::string topic;
    std::string_view rest = whole;
    while (!rest.empty()) {
        const auto end = std::min(rest.find('/'), rest.size());
        auto segment = rest.substr(0, end);
        if (const auto colon = segment.rfind(':'); colon != std::string_view::npos) segment.remove_prefix(colon + 1);
        if (!topic.empty() && !segment.empty()) topic += '/';
        topic += segment;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return topic;
}

// Vendors' ElementItems are left alone.
void add_items(std::vector<Item>& items, pugi::xml_node node) {
    for (const auto item : xml::children_at(node, "SimpleItem"))
        if (items.size() < items_max) items.push_back(Item{word_of(attribute_of(item, "Name")), word_of(attribute_of(item, "Value"))});
}

Notification::Property property_of(std::string_view text) {
    if (same_but_case(text, "Initialized")) return Notification::Property::initialized;
    if (same_but_case(text, "Changed")) return Notification::Property::changed;
    if (same_but_case(text, "Deleted")) return Notification::Property::deleted;
    return Notification::Property::pulse;
}

std::optional<Notification> read_notification(pugi::xml_node node) {
    const auto message = xml::child_at(node, "Message/Message");
    Notification notification;
    notification.topic = topic_of(xml::text_at(node, "Topic"));
    if (notification.topic.empty() || !message) return std::nullopt;
    notification.at = read_date_time(attribute_of(message, "UtcTime"));
    notification.property = property_of(attribute_of(message, "PropertyOperation"));
    add_items(notification.source, xml::child_at(message, "Source"));
    add_items(notification.source, xml::child_at(message, "Key"));
    std::stable_sort(notification.source.begin(), notification.source.end(), [](const Item& a, const Item& b) { return a.name < b.name; });
    add_items(notification.data, xml::child_at(message, "Data"));
    return notification;
}

} // namespace

std::string Notification::key() const {
    std::string key = topic;
    for (const Item& item : source) key += "|" + item.name + "=" + item.value;
    return key;
}

const Item* Notification::data_item(std::string_view name) const {
    const auto found = std::find_if(data.begin(), data.end(), [&](const Item& item) { return same_but_case(item.name, name); });
    return found == data.end() ? nullptr : &*found;
}

std::string encode_pull_messages(std::chrono::seconds wait, std::size_t limit) {
    return "<tev:PullMessages><tev:Timeout>" + duration_text(wait) + "</tev:Timeout><tev:MessageLimit>" + std::to_string(limit) +
           "</tev:MessageLimit></tev:PullMessages>";
}

Result<Pulled> decode_pull_messages(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "PullMessagesResponse");
    if (!answer) return std::move(answer).error();
    Pulled pulled;
    pulled.now = read_date_time(xml::text_at(answer->body(), "CurrentTime"));
    const auto end = read_date_time(xml::text_at(answer->body(), "TerminationTime"));
    if (pulled.now && end && *end > *pulled.now) pulled.granted = std::chrono::floor<std::chrono::seconds>(*end - *pulled.now);
    for (const auto node : xml::children_at(answer->body(), "NotificationMessage")) {
        if (pulled.notifications.size() >= notifications_max) {
            ++pulled.beyond;
            continue;
        }
        if (auto notification = read_notification(node))
            pulled.notifications.push_back(std::move(*notification));
        else
            ++pulled.malformed;
    }
    return pulled;
}

std::optional<bool> read_state(std::string_view value) {
    const auto word = lower(trimmed(value));
    if (word == "true" || word == "1" || word == "on" || word == "active") return true;
    if (word == "false" || word == "0" || word == "off" || word == "inactive") return false;
    return std::nullopt;
}

} // namespace gatehouse::drivers::onvif
