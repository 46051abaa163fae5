// SPDX-License-Identifier: Apache-2.0
// A vehicle that a plate camera saw, and the two shapes in which it says so: the EventNotificationAlert of type ANPR
// and a row of vehicleDetect/plates. Plain values, no I/O. Source: isapi ANPR alert, DS-TCG405-E family.
#pragma once

#include "tests/simulators/devices/isapi/time_text.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::simulators::isapi {

struct Capture {
    std::uint64_t number = 0; // the camera's own count, vehicleInfo/index
    Micros at = 0;            // by the camera's clock
    std::string time_text;    // dateTime as it was written then
    std::string plate;        // as the camera says it, colour character in front: 蓝沪A7F3K2
    int lane = 1;
    std::string direction = "forward";
    int confidence = 96;
    std::string plate_type = "92TypeCivil";
    std::string plate_color = "blue";
    std::string believe; // per character, comma separated
    std::string vehicle_type = "vehicle";
    std::string vehicle_color = "white";
    int logo = 1042;
    std::string list_type = "temporary";
    std::string list_name; // vehicleListName; empty: no such element
    std::string channel_name;
    std::string uuid;
    int barrier = 1; // barrierGateCtrlType
    bool is_retransmission = false;
};

struct CameraFace {
    std::string address = "192.168.50.31";
    std::string mac = "24:32:ae:10:20:30";
    int zone_minutes = 480;
    std::string scene_name = "detectionPicture.jpg";
    std::string scene_type = "detectionPicture";
};

// One number per character of the plate without its colour, like 99,99,98,...
std::string believe_of(std::string_view plate, int confidence);

std::string anpr_xml(const Capture& capture, const CameraFace& camera);

// <Plate> of a search answer. `zulu`: captureTime in UTC with Z, else local with +0800.
std::string plate_xml(const Capture& capture, int zone_minutes, bool zulu);

// "蓝沪A7F3K2" -> "沪A7F3K2"; a plate without colour stays.
std::string without_color(std::string_view plate);

} // namespace gatehouse::simulators::isapi
