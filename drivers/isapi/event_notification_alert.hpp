// SPDX-License-Identifier: Apache-2.0
//
// EventNotificationAlert as XML: heartbeats, smart events, ANPR. Source: Hikvision ISAPI field captures.
#pragma once

#include "daemon/base/result.hpp"
#include "drivers/isapi/alert.hpp"

#include <string_view>

namespace gatehouse::drivers::isapi {

/// Fault::full beyond alert_bytes_max, Fault::malformed when it is no XML or has no eventType, Fault::unsupported for another root
/// (the answer to a subscription, for instance).
Result<Alert> decode_event_notification_alert(std::string_view body, std::chrono::minutes zone);

} // namespace gatehouse::drivers::isapi
