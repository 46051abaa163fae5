// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/access_controller_event.hpp"

#include "drivers/isapi/inside/access_fields.hpp"

namespace gatehouse::drivers::isapi {

Result<Alert> decode_access_controller_event(std::string_view body, std::chrono::minutes zone) {
    if (body.size() > alert_bytes_max) return Error(Fault::full, "event of " + std::to_string(body.size()) + " bytes");
    while (!body.empty() && body.back() == '\0') body.remove_suffix(1);
    const auto read = read_text(body);
    auto value = parse_json(trimmed(read.text), alert_bytes_max * 2);
    if (!value) return std::move(value).error().during("event");
    if (!value->is_object()) return Error(Fault::malformed, "event: no object");
    const auto* root = &value->get_object();
    if (const auto* wrapped = object_at(*root, "EventNotificationAlert")) root = wrapped;
    Alert alert;
    alert.text_replaced = read.replaced;
    const auto* block = object_at(*root, "AccessControllerEvent");
    alert.event = inside::loose_text_at(*root, "eventType");
    if (alert.event.empty() && block != nullptr) alert.event = "AccessControllerEvent";
    if (alert.event.empty()) return Error(Fault::unsupported, "JSON without an event");
    alert.active = same_but_case(inside::loose_text_at(*root, "eventState"), "active");
    alert.post_count = inside::loose_number_at(*root, "activePostCount");
    alert.time = read_device_time(inside::loose_text_at(*root, "dateTime"), zone);
    alert.channel = inside::loose_number_at(*root, "channelID");
    alert.input = inside::loose_number_at(*root, "inputIOPortID");
    if (block == nullptr) {
        if (same_but_case(alert.event, "AccessControllerEvent")) return Error(Fault::malformed, "event: no AccessControllerEvent inside");
        return alert;
    }
    AccessEvent event = inside::read_access_fields(*block);
    const auto major = inside::loose_number_at(*block, "majorEventType");
    const auto minor = inside::loose_number_at(*block, "subEventType");
    if (!major || !minor) return Error(Fault::malformed, "event: no majorEventType and subEventType");
    event.major = *major;
    event.minor = *minor;
    if (const auto announced = inside::loose_number_at(*block, "picturesNumber");
        announced && *announced >= 0 && *announced <= std::int64_t(alert_pictures_max))
        alert.pictures = static_cast<std::size_t>(*announced);
    alert.access = std::move(event);
    return alert;
}

} // namespace gatehouse::drivers::isapi
