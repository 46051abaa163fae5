// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/user_check.hpp"

#include "drivers/isapi/response_status.hpp"
#include "drivers/xml.hpp"

namespace gatehouse::drivers::isapi {

Result<UserCheck> decode_user_check(std::string_view body) {
    auto xml = xml::Xml::parse(body, answer_bytes_max);
    if (!xml) return std::move(xml).error().during("userCheck");
    if (xml::local_name(xml->root()) != "userCheck") return Error(Fault::malformed, "userCheck: another root");
    UserCheck check;
    const auto status = xml::text_at(xml->root(), "lockStatus");
    check.locked = status == "lock" || status == "locked";
    check.unlock_after = std::chrono::seconds(xml::number_at(xml->root(), "unlockTime").value_or(0));
    return check;
}

} // namespace gatehouse::drivers::isapi
