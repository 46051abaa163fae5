// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/pull_point.hpp"

#include "drivers/onvif/soap.hpp"
#include "drivers/onvif/time_text.hpp"

#include <sstream>

namespace gatehouse::drivers::onvif {

namespace {

/// The element alone, with every namespace that was declared around it: its own prefixes would mean nothing elsewhere.
std::string as_header(pugi::xml_node parameter) {
    pugi::xml_document document;
    auto copy = document.append_copy(parameter);
    for (auto around = parameter.parent(); around; around = around.parent())
        for (const auto attribute : around.attributes()) {
            const std::string_view name = attribute.name();
            const bool declares = name == "xmlns" || name.starts_with("xmlns:");
            if (declares && !copy.attribute(attribute.name())) copy.append_attribute(attribute.name()) = attribute.value();
        }
    copy.append_attribute("wsa5:IsReferenceParameter") = "true";
    if (!copy.attribute("xmlns:wsa5")) copy.append_attribute("xmlns:wsa5") = "http://www.w3.org/2005/08/addressing";
    std::ostringstream text;
    copy.print(text, "", pugi::format_raw | pugi::format_no_declaration);
    return text.str();
}

} // namespace

std::string encode_create_pull_point(std::chrono::seconds life) {
    return "<tev:CreatePullPointSubscription><tev:InitialTerminationTime>" + duration_text(life) +
           "</tev:InitialTerminationTime></tev:CreatePullPointSubscription>";
}

Result<PullPoint> decode_create_pull_point(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "CreatePullPointSubscriptionResponse");
    if (!answer) return std::move(answer).error();
    const auto reference = xml::child_at(answer->body(), "SubscriptionReference");
    PullPoint point;
    point.address = xml::text_at(reference, "Address");
    auto path = path_of(point.address);
    if (!path) return std::move(path).error().during("CreatePullPointSubscriptionResponse");
    point.path = std::move(*path);
    const auto parameters = xml::child_at(reference, "ReferenceParameters");
    for (auto node = parameters.first_child(); node; node = node.next_sibling()) {
        if (node.type() != pugi::node_element) continue;
        auto header = as_header(node);
        if (header.size() > reference_parameter_bytes_max || point.reference_parameters.size() >= reference_parameters_max)
            return Error(Fault::full, "CreatePullPointSubscriptionResponse: reference parameters beyond their bound");
        point.reference_parameters.push_back(std::move(header));
    }
    const auto now = read_date_time(xml::text_at(answer->body(), "CurrentTime"));
    const auto end = read_date_time(xml::text_at(answer->body(), "TerminationTime"));
    if (now && end && *end > *now) point.granted = std::chrono::floor<std::chrono::seconds>(*end - *now);
    return point;
}

} // namespace gatehouse::drivers::onvif
