// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/capabilities.hpp"

#include "drivers/onvif/soap.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_get_capabilities() { return "<tds:GetCapabilities><tds:Category>All</tds:Category></tds:GetCapabilities>"; }

Result<Services> decode_get_capabilities(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "GetCapabilitiesResponse");
    if (!answer) return std::move(answer).error();
    const auto all = xml::child_at(answer->body(), "Capabilities");
    if (!all) return Error(Fault::malformed, "GetCapabilitiesResponse: empty");
    const auto path = [&](const char* service) {
        const auto found = path_of(xml::text_at(all, std::string(service) + "/XAddr"));
        return found ? *found : std::string();
    };
    const auto in_use = [&](const char* service) { return xml::child_at(all, service) ? path(service) : std::string(); };
    return Services{in_use("Media"), {}, in_use("Events"), in_use("PTZ")};
}

} // namespace gatehouse::drivers::onvif
