// SPDX-License-Identifier: Apache-2.0
//
// GET /ISAPI/Security/users, PUT /ISAPI/Security/users/ID: a device's accounts. Only administrators are told, and may write.
#pragma once

#include "daemon/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::isapi {

constexpr std::string_view users_target = "/ISAPI/Security/users";
constexpr std::size_t users_max = 128;

struct User {
    std::int64_t id = 0; ///< 1: the factory's administrator
    std::string name;
    std::string level; ///< "Administrator", "Operator", "Viewer"; empty: not told
    friend bool operator==(const User&, const User&) = default;
};

Result<std::vector<User>> decode_users(std::string_view body);

/// Newer firmware asks for the password of whoever changes one once more, within.
std::string encode_user_password(const User& user, std::string_view fresh, std::string_view log_in_password);

} // namespace gatehouse::drivers::isapi
