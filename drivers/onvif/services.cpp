// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/services.hpp"

#include "drivers/onvif/soap.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_get_services() { return "<tds:GetServices><tds:IncludeCapability>false</tds:IncludeCapability></tds:GetServices>"; }

Result<Services> decode_get_services(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "GetServicesResponse");
    if (!answer) return std::move(answer).error();
    Services services;
    for (const auto service : xml::children_at(answer->body(), "Service")) {
        const auto space = xml::text_at(service, "Namespace");
        std::string* kept = space == "http://www.onvif.org/ver10/media/wsdl"    ? &services.media
                            : space == "http://www.onvif.org/ver20/media/wsdl"  ? &services.media2
                            : space == "http://www.onvif.org/ver10/events/wsdl" ? &services.events
                            : space == "http://www.onvif.org/ver20/ptz/wsdl"    ? &services.ptz
                                                                                : nullptr;
        const auto path = path_of(xml::text_at(service, "XAddr"));
        if (kept != nullptr && path) *kept = *path;
    }
    return services;
}

} // namespace gatehouse::drivers::onvif
