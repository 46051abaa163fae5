// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/users.hpp"

#include "daemon/base/text.hpp"
#include "drivers/isapi/response_status.hpp"
#include "drivers/xml.hpp"

namespace gatehouse::drivers::isapi {

namespace {
constexpr std::size_t name_bytes_max = 128;
}

Result<std::vector<User>> decode_users(std::string_view body) {
    auto xml = xml::Xml::parse(body, answer_bytes_max);
    if (!xml) return std::move(xml).error().during("UserList");
    if (xml::local_name(xml->root()) != "UserList") return Error(Fault::malformed, "UserList: another root");
    std::vector<User> users;
    for (const auto node : xml::children_at(xml->root(), "User")) {
        User user{xml::number_at(node, "id").value_or(0), xml::text_at(node, "userName"), cut_utf8(xml::text_at(node, "userLevel"), name_bytes_max)};
        if (user.id > 0 && !user.name.empty() && user.name.size() <= name_bytes_max && users.size() < users_max) users.push_back(std::move(user));
    }
    return users;
}

std::string encode_user_password(const User& user, std::string_view fresh, std::string_view log_in_password) {
    std::string level = user.level.empty() ? std::string() : "<userLevel>" + xml::escaped(user.level) + "</userLevel>\n";
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<User version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n<id>" +
           std::to_string(user.id) + "</id>\n<userName>" + xml::escaped(user.name) + "</userName>\n<password>" + xml::escaped(fresh) +
           "</password>\n<loginPassword>" + xml::escaped(log_in_password) + "</loginPassword>\n" + level + "</User>\n";
}

} // namespace gatehouse::drivers::isapi
