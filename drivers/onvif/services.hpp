// SPDX-License-Identifier: Apache-2.0
//
// GetServices (ONVIF Core): where each service listens. The host that a device names is often wrong behind NAT or in a container, so
// only paths are kept.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <string_view>

namespace gatehouse::drivers::onvif {

constexpr std::string_view device_service_path = "/onvif/device_service";

/// Paths; empty: the device has no such service.
struct Services {
    std::string media, media2, events, ptz;
};

std::string encode_get_services();
Result<Services> decode_get_services(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
