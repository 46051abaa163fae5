// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/renew.hpp"

#include "drivers/onvif/soap.hpp"
#include "drivers/onvif/time_text.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_renew(std::chrono::seconds life) {
    return "<wsnt:Renew><wsnt:TerminationTime>" + duration_text(life) + "</wsnt:TerminationTime></wsnt:Renew>";
}

Result<std::optional<std::chrono::seconds>> decode_renew(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "RenewResponse");
    if (!answer) return std::move(answer).error();
    const auto now = read_date_time(xml::text_at(answer->body(), "CurrentTime"));
    const auto end = read_date_time(xml::text_at(answer->body(), "TerminationTime"));
    std::optional<std::chrono::seconds> granted;
    if (now && end && *end > *now) granted = std::chrono::floor<std::chrono::seconds>(*end - *now);
    return granted;
}

} // namespace gatehouse::drivers::onvif
