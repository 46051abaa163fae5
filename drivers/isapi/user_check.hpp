// SPDX-License-Identifier: Apache-2.0
//
// userCheck: how a terminal says whether a log-in worked, and that an account is locked after five wrong tries. Source: field captures.
#pragma once

#include "daemon/base/result.hpp"

#include <chrono>
#include <string_view>

namespace gatehouse::drivers::isapi {

struct UserCheck {
    bool locked = false;
    std::chrono::seconds unlock_after{0};
};

/// The body of a 401, or of GET /ISAPI/Security/userCheck.
Result<UserCheck> decode_user_check(std::string_view body);

} // namespace gatehouse::drivers::isapi
