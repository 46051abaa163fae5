// SPDX-License-Identifier: Apache-2.0
//
// GetUsers (ONVIF Core): a device's accounts and their levels. Only administrators are told.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::onvif {

constexpr std::size_t users_max = 128;

struct User {
    std::string name;
    std::string level; ///< "Administrator", "Operator", "User", "Anonymous", "Extended"
    friend bool operator==(const User&, const User&) = default;
};

std::string encode_get_users();
Result<std::vector<User>> decode_get_users(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
