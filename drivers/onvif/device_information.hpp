// SPDX-License-Identifier: Apache-2.0
//
// GetDeviceInformation (ONVIF Core): who it is, and by asking it the log-in is proved.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <string_view>

namespace gatehouse::drivers::onvif {

struct DeviceInformation {
    std::string manufacturer, model, firmware, serial_number;
};

std::string encode_get_device_information();
Result<DeviceInformation> decode_get_device_information(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
