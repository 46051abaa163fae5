// SPDX-License-Identifier: Apache-2.0
//
// GET /ISAPI/System/deviceInfo. deviceName is what an installer typed, may hold a resident's name, and is not read.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <string_view>

namespace gatehouse::drivers::isapi {

constexpr std::string_view device_info_target = "/ISAPI/System/deviceInfo";

struct IsapiDeviceInfo {
    std::string model, serial_number, mac_address, firmware, firmware_date, device_type;
};
Result<IsapiDeviceInfo> decode_device_info(std::string_view body);

} // namespace gatehouse::drivers::isapi
