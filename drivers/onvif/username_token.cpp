// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/username_token.hpp"

#include "daemon/net/digest.hpp"
#include "drivers/onvif/time_text.hpp"
#include "drivers/xml.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_security(const std::string& username, const std::string& password, Time created, const Nonce& nonce) {
    const auto when = date_time_text(created);
    return "<wsse:Security s:mustUnderstand=\"1\"><wsse:UsernameToken><wsse:Username>" + xml::escaped(username) +
           "</wsse:Username><wsse:Password "
           "Type=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest\">" +
           net::password_digest(nonce, when, password) +
           "</wsse:Password><wsse:Nonce "
           "EncodingType=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary\">" +
           to_base64(nonce) + "</wsse:Nonce><wsu:Created>" + when + "</wsu:Created></wsse:UsernameToken></wsse:Security>";
}

} // namespace gatehouse::drivers::onvif
