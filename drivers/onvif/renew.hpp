// SPDX-License-Identifier: Apache-2.0
//
// Renew (WS-BaseNotification 1.3, 6.1.1): the pull point lives on. By a span, never by a date: the device's clock is its own.
#pragma once

#include "daemon/base/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::drivers::onvif {

constexpr std::string_view renew_action = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewRequest";

std::string encode_renew(std::chrono::seconds life);
/// The life that is granted; none: the answer's times cannot be read.
Result<std::optional<std::chrono::seconds>> decode_renew(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
