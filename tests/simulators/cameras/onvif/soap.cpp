// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/onvif/soap.hpp"

#include <algorithm>

namespace gatehouse::simulators::cameras::onvif {
namespace {

std::string_view local(std::string_view name) { return name.substr(name.find(':') + 1); }

pugi::xml_node first(pugi::xml_node within, std::string_view name) {
    return within.find_node([name](pugi::xml_node node) { return local(node.name()) == name; });
}

std::string trimmed(std::string text) {
    constexpr auto blank = " \t\r\n";
    text.erase(0, std::min(text.find_first_not_of(blank), text.size()));
    text.erase(text.find_last_not_of(blank) + 1);
    return text;
}

} // namespace

std::optional<Call> Call::read(const std::string& xml) {
    Call call;
    call.document_ = std::make_unique<pugi::xml_document>();
    if (!call.document_->load_buffer(xml.data(), xml.size())) return std::nullopt;
    if (!call.within("Body").first_child()) return std::nullopt;
    return call;
}

pugi::xml_node Call::within(std::string_view part) const {
    const pugi::xml_node envelope = document_->document_element();
    if (local(envelope.name()) != "Envelope") return {};
    for (const pugi::xml_node child : envelope.children())
        if (local(child.name()) == part) return child;
    return {};
}

std::string Call::operation() const {
    for (const pugi::xml_node child : within("Body").children())
        if (child.type() == pugi::node_element) return std::string(local(child.name()));
    return {};
}

bool Call::is_in(std::string_view space) const {
    pugi::xml_node node;
    for (const pugi::xml_node child : within("Body").children())
        if (!node && child.type() == pugi::node_element) node = child;
    const std::string_view name = node.name();
    const std::size_t colon = name.find(':');
    const std::string declared = colon == std::string_view::npos ? "xmlns" : "xmlns:" + std::string(name.substr(0, colon));
    for (; node; node = node.parent())
        if (const auto attribute = node.attribute(declared.c_str())) return attribute.value() == space;
    return false;
}

std::string Call::message_id() const { return header("MessageID"); }

std::optional<UsernameToken> Call::token() const {
    const pugi::xml_node node = first(within("Header"), "UsernameToken");
    if (!node) return std::nullopt;
    const auto text = [node](std::string_view name) { return trimmed(first(node, name).text().get()); };
    return UsernameToken{.user = text("Username"),
                         .password = text("Password"),
                         .nonce = text("Nonce"),
                         .created = text("Created"),
                         .is_digest = std::string_view(first(node, "Password").attribute("Type").value()).ends_with("#PasswordDigest")};
}

std::string Call::text(std::string_view name) const { return trimmed(first(within("Body"), name).text().get()); }

std::string Call::attribute(std::string_view element, std::string_view name) const {
    return first(within("Body"), element).attribute(std::string(name).c_str()).value();
}

bool Call::has(std::string_view element) const { return static_cast<bool>(first(within("Body"), element)); }

std::string Call::header(std::string_view name) const { return trimmed(first(within("Header"), name).text().get()); }

std::string escaped(std::string_view text) {
    std::string out;
    for (const char each : text) {
        switch (each) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += each;
        }
    }
    return out;
}

std::string envelope(std::string_view body, std::string_view header) {
    std::string xml = R"(<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa5="http://www.w3.org/2005/08/addressing")"
                      R"( xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery")"
                      R"( xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl")"
                      R"( xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tr2="http://www.onvif.org/ver20/media/wsdl")"
                      R"( xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl")"
                      R"( xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:tns1="http://www.onvif.org/ver10/topics")"
                      R"( xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" xmlns:ter="http://www.onvif.org/ver10/error">)";
    if (!header.empty()) xml += "<s:Header>" + std::string(header) + "</s:Header>";
    return xml + "<s:Body>" + std::string(body) + "</s:Body></s:Envelope>";
}

std::string fault(std::string_view code, std::string_view subcode, std::string_view reason) {
    return envelope("<s:Fault><s:Code><s:Value>s:" + std::string(code) + "</s:Value><s:Subcode><s:Value>" + std::string(subcode) +
                    "</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en\">" + escaped(reason) + "</s:Text></s:Reason></s:Fault>");
}

} // namespace gatehouse::simulators::cameras::onvif
