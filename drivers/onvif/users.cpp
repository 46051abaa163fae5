// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/users.hpp"

#include "drivers/onvif/soap.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_get_users() { return "<tds:GetUsers/>"; }

Result<std::vector<User>> decode_get_users(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "GetUsersResponse");
    if (!answer) return std::move(answer).error();
    std::vector<User> users;
    for (const auto node : xml::children_at(answer->body(), "User")) {
        auto name = xml::text_at(node, "Username");
        if (!name.empty() && name.size() <= word_bytes_max && users.size() < users_max)
            users.push_back(User{std::move(name), word_of(xml::text_at(node, "UserLevel"))});
    }
    return users;
}

} // namespace gatehouse::drivers::onvif
