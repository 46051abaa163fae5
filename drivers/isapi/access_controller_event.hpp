// SPDX-License-Identifier: Apache-2.0
//
// Events as JSON: AccessControllerEvent of face terminals and access controllers, heartbeats, and smart events of newer cameras. Source:
// Hikvision ISAPI field captures (DS-K1T341, 342, 502).
#pragma once

#include "daemon/base/result.hpp"
#include "drivers/isapi/alert.hpp"

#include <string_view>

namespace gatehouse::drivers::isapi {

/// Numbers may come as texts, doorNo may be missing, front serial may be misspelt. Fault::full, malformed; Fault::unsupported for JSON
/// that is no event.
Result<Alert> decode_access_controller_event(std::string_view body, std::chrono::minutes zone);

} // namespace gatehouse::drivers::isapi
