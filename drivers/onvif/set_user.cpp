// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/set_user.hpp"

#include "drivers/onvif/soap.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_set_user(std::string_view username, std::string_view password, std::string_view level) {
    return "<tds:SetUser><tds:User><tt:Username>" + xml::escaped(username) + "</tt:Username><tt:Password>" + xml::escaped(password) +
           "</tt:Password><tt:UserLevel>" + xml::escaped(level) + "</tt:UserLevel></tds:User></tds:SetUser>";
}

Done decode_set_user(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "SetUserResponse");
    if (!answer) return std::move(answer).error();
    return {};
}

} // namespace gatehouse::drivers::onvif
