// SPDX-License-Identifier: Apache-2.0
//
// CreatePullPointSubscription (ONVIF Core; WS-BaseNotification 1.3): the device keeps a queue for us at an address of its own making.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::onvif {

constexpr std::string_view create_pull_point_action = "http://www.onvif.org/ver10/events/wsdl/EventPortType/CreatePullPointSubscriptionRequest";
constexpr std::size_t reference_parameters_max = 8;
constexpr std::size_t reference_parameter_bytes_max = 2048;

struct PullPoint {
    std::string address; ///< letter by letter
    std::string path;    ///< of the address: what is posted to, at the host under which we reach the device
    /// To be put into the header of each call to it (WS-Addressing 1.0, 2.1); whole elements with the namespaces that they need.
    std::vector<std::string> reference_parameters;
    std::optional<std::chrono::seconds> granted; ///< its life, by the device's own two times
};

std::string encode_create_pull_point(std::chrono::seconds life);
Result<PullPoint> decode_create_pull_point(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
