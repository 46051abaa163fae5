// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/event_notification_alert.hpp"

#include "daemon/base/text.hpp"
#include "drivers/xml.hpp"

namespace gatehouse::drivers::isapi {

namespace {

// Older firmware has other names for the same; the first that holds something counts.
std::string first_text(pugi::xml_node node, std::initializer_list<std::string_view> paths) {
    for (const auto path : paths)
        if (auto text = xml::text_at(node, path); !text.empty()) return text;
    return {};
}

std::vector<AnprPicture> read_pictures(pugi::xml_node list, std::chrono::minutes zone) {
    std::vector<AnprPicture> pictures;
    for (const auto& node : xml::children_at(list, "pictureInfo")) {
        if (pictures.size() >= alert_pictures_max) break;
        AnprPicture picture{xml::text_at(node, "fileName"), xml::text_at(node, "type"), xml::text_at(node, "pId"),
                            read_abs_time(xml::text_at(node, "absTime"), zone)};
        pictures.push_back(std::move(picture));
    }
    return pictures;
}

Anpr read_anpr(pugi::xml_node node, std::chrono::minutes zone) {
    Anpr anpr;
    anpr.plate = first_text(node, {"licensePlate", "plate", "plateNumber"});
    anpr.original = xml::text_at(node, "originalLicensePlate");
    anpr.lane = xml::number_at(node, "line");
    if (!anpr.lane) anpr.lane = xml::number_at(node, "laneNo");
    anpr.direction = lower(xml::text_at(node, "direction"));
    anpr.confidence = xml::number_at(node, "confidenceLevel");
    anpr.characters_confidence = xml::text_at(node, "plateCharBelieve");
    anpr.country = xml::text_at(node, "country");
    anpr.plate_type = xml::text_at(node, "plateType");
    anpr.plate_colour = xml::text_at(node, "plateColor");
    anpr.vehicle_type = xml::text_at(node, "vehicleType"); // the outer one is words, vehicleInfo/vehicleType a number: not the same thing
    anpr.vehicle_colour = xml::text_at(node, "vehicleInfo/color");
    anpr.vehicle_brand = xml::number_at(node, "vehicleInfo/vehicleLogoRecog");
    anpr.list = first_text(node, {"listType", "vehicleListName"});
    anpr.barrier = xml::number_at(node, "barrierGateCtrlType");
    anpr.history = xml::number_at(node, "alarmDataType") == 1;
    anpr.pictures = read_pictures(xml::child_at(node, "pictureInfoList"), zone);
    return anpr;
}

} // namespace

Result<Alert> decode_event_notification_alert(std::string_view body, std::chrono::minutes zone) {
    auto xml = xml::Xml::parse(body, alert_bytes_max);
    if (!xml) return std::move(xml).error().during("EventNotificationAlert");
    const auto root = xml->root();
    if (xml::local_name(root) != "EventNotificationAlert") return Error(Fault::unsupported, "not an EventNotificationAlert");
    Alert alert;
    alert.text_replaced = xml->text_replaced();
    alert.event = xml::text_at(root, "eventType");
    if (same_but_case(alert.event, "duration"))
        if (auto real = xml::text_at(root, "DurationList/Duration/relationEvent"); !real.empty()) alert.event = std::move(real);
    if (alert.event.empty()) return Error(Fault::malformed, "EventNotificationAlert: no eventType");
    alert.active = same_but_case(xml::text_at(root, "eventState"), "active");
    alert.post_count = xml::number_at(root, "activePostCount");
    alert.time = read_device_time(xml::text_at(root, "dateTime"), zone);
    alert.channel = xml::number_at(root, "channelID");
    if (!alert.channel) alert.channel = xml::number_at(root, "dynChannelID");
    alert.input = xml::number_at(root, "inputIOPortID");
    if (!alert.input) alert.input = xml::number_at(root, "dynInputIOPortID");
    alert.uuid = xml::text_at(root, "UUID");
    alert.retransmitted = same_but_case(xml::text_at(root, "isDataRetransmission"), "true");
    if (const auto block = xml::child_at(root, "ANPR")) {
        alert.anpr = read_anpr(block, zone);
        if (!alert.anpr->pictures.empty()) alert.pictures = alert.anpr->pictures.size();
    }
    if (const auto announced = xml::number_at(root, "picNum"); announced && *announced >= 0 && *announced <= std::int64_t(alert_pictures_max))
        alert.pictures = static_cast<std::size_t>(*announced);
    return alert;
}

} // namespace gatehouse::drivers::isapi
