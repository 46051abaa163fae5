// SPDX-License-Identifier: Apache-2.0
//
// One alert of a device as plain values, whichever way it came: alertStream, push or a search of the device's memory. Names, device
// names, channel names and descriptions are not among the values: they are dropped where bytes become values.
#pragma once

#include "drivers/isapi/device_time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::drivers::isapi {

constexpr std::size_t alert_bytes_max = 16 * 1024; ///< one XML or JSON alert
constexpr std::size_t alert_pictures_max = 16;     ///< entries of a pictureInfoList that are looked at

struct AnprPicture {
    std::string file_name, type, id;
    std::optional<Time> taken_at; ///< absTime
};

/// The ANPR block (ISAPI; field names in event_notification_alert.cpp).
struct Anpr {
    std::string plate;    ///< licensePlate as sent, colour character and all
    std::string original; ///< originalLicensePlate
    std::optional<std::int64_t> lane;
    std::string direction; ///< "forward", "reverse", else unknown; relative to the camera
    std::optional<std::int64_t> confidence;
    std::string characters_confidence;
    std::string country, plate_type, plate_colour, vehicle_type, vehicle_colour, list;
    std::optional<std::int64_t> vehicle_brand;
    std::optional<std::int64_t> barrier; ///< barrierGateCtrlType: 0 the camera's list opened the gate; only in history records
    bool history = false;                ///< alarmDataType 1
    std::vector<AnprPicture> pictures;
};

/// The AccessControllerEvent block, or one row of AcsEvent.
struct AccessEvent {
    std::int64_t major = 0, minor = 0;
    std::optional<std::int64_t> door, reader;
    std::string card;   ///< text with leading zeros
    std::string person; ///< employeeNoString: our id, if we enrolled
    std::optional<std::uint64_t> serial, front_serial;
    bool current = true; ///< false: replayed from the device's log
    std::optional<bool> mask;
    std::string picture_url;
};

struct Alert {
    std::string event; ///< eventType; of "duration" the event that it wraps
    bool active = false;
    std::optional<std::int64_t> post_count;
    DeviceTime time;
    std::optional<std::int64_t> channel, input;
    std::string uuid;
    bool retransmitted = false;          ///< isDataRetransmission
    bool text_replaced = false;          ///< held bytes that were neither UTF-8 nor GB18030
    std::optional<std::size_t> pictures; ///< how many it announces
    std::optional<Anpr> anpr;
    std::optional<AccessEvent> access;

    /// Videoloss that is not: how devices say that they are alive; or heartBeat.
    bool is_heartbeat() const;
    /// From the device's memory, not happening now.
    bool is_replay() const { return retransmitted || (anpr && anpr->history) || (access && !access->current); }
};

} // namespace gatehouse::drivers::isapi
