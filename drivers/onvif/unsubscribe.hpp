// SPDX-License-Identifier: Apache-2.0
//
// Unsubscribe (WS-BaseNotification 1.3, 6.1.2): many devices have eight pull points, some one; a forgotten one blocks for its life.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <string_view>

namespace gatehouse::drivers::onvif {

constexpr std::string_view unsubscribe_action = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/UnsubscribeRequest";

std::string encode_unsubscribe();
Done decode_unsubscribe(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
