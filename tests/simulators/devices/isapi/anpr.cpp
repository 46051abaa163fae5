// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/isapi/anpr.hpp"

#include "tests/simulators/devices/isapi/xml.hpp"

#include <array>
#include <cstdio>

namespace gatehouse::simulators::isapi {
namespace {

std::size_t characters(std::string_view utf8) {
    std::size_t count = 0;
    for (char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return count;
}

} // namespace

std::string without_color(std::string_view plate) {
    static constexpr std::array<std::string_view, 5> colors{"蓝", "黄", "绿", "白", "黑"};
    for (auto color : colors) {
        // 黑A12345 is a plate of Heilongjiang: a colour stands in front of another Chinese character only.
        if (plate.starts_with(color) && plate.size() > color.size() && (static_cast<unsigned char>(plate[color.size()]) & 0x80) != 0)
            return std::string(plate.substr(color.size()));
    }
    return std::string(plate);
}

std::string believe_of(std::string_view plate, int confidence) {
    std::string out;
    auto count = characters(without_color(plate));
    for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ",") + std::to_string(confidence + static_cast<int>(i % 3) + 1);
    return out;
}

std::string anpr_xml(const Capture& capture, const CameraFace& camera) {
    auto stamp = format_digits(capture.at, camera.zone_minutes);
    std::string out =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<EventNotificationAlert version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n";
    out += element("ipAddress", camera.address) + element("portNo", "80") + element("protocol", "HTTP") + element("macAddress", camera.mac) +
           element("channelID", "1") + element("dateTime", capture.time_text) + element("activePostCount", "1") + element("eventType", "ANPR") +
           element("eventState", "active") + element("eventDescription", "ANPR") + element("channelName", capture.channel_name);
    out += "<ANPR>\n" + element("country", "59") + element("licensePlate", capture.plate) + element("line", std::to_string(capture.lane)) +
           element("direction", capture.direction) + element("confidenceLevel", std::to_string(capture.confidence)) +
           element("plateType", capture.plate_type) + element("plateColor", capture.plate_color) + element("plateCharBelieve", capture.believe) +
           element("vehicleType", capture.vehicle_type) + element("barrierGateCtrlType", std::to_string(capture.barrier)) +
           element("alarmDataType", capture.is_retransmission ? "1" : "0");
    out += "<vehicleInfo>\n" + element("index", std::to_string(capture.number)) + element("color", capture.vehicle_color) +
           element("vehicleLogoRecog", std::to_string(capture.logo)) + "</vehicleInfo>\n";
    out += "<pictureInfoList>\n<pictureInfo>\n" + element("fileName", "licensePlatePicture.jpg") + element("type", "licensePlatePicture") +
           element("dataType", "0") + element("absTime", stamp) + "</pictureInfo>\n<pictureInfo>\n" + element("fileName", camera.scene_name) +
           element("type", camera.scene_type) + element("dataType", "0") + element("absTime", stamp) +
           "<plateRect><X>431</X><Y>598</Y><width>126</width><height>44</height></plateRect>\n</pictureInfo>\n</pictureInfoList>\n";
    out += element("listType", capture.list_type);
    if (!capture.list_name.empty()) out += element("vehicleListName", capture.list_name);
    out += element("originalLicensePlate", capture.plate) + "</ANPR>\n" + element("UUID", capture.uuid) + element("picNum", "2") +
           element("isDataRetransmission", capture.is_retransmission ? "true" : "false") + "</EventNotificationAlert>\n";
    return out;
}

std::string plate_xml(const Capture& capture, int zone_minutes, bool zulu) {
    char number[24];
    std::snprintf(number, sizeof number, "%06llu", static_cast<unsigned long long>(capture.number % 1'000'000));
    return "<Plate>\n" + element("captureTime", format_basic(capture.at, zone_minutes, zulu)) + element("plateNumber", capture.plate) +
           element("picName", format_digits(capture.at, zone_minutes) + number) + element("country", "59") +
           element("laneNo", std::to_string(capture.lane)) + element("direction", capture.direction) + element("matchingResult", capture.list_type) +
           "</Plate>\n";
}

} // namespace gatehouse::simulators::isapi
