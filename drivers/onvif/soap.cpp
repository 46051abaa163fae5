// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/soap.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::drivers::onvif {

namespace {

constexpr std::size_t address_bytes_max = 1024;
constexpr std::size_t reason_bytes_max = 200;

constexpr std::string_view namespaces = " xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:wsa5=\"http://www.w3.org/2005/08/addressing\""
                                        " xmlns:tds=\"http://www.onvif.org/ver10/device/wsdl\" xmlns:trt=\"http://www.onvif.org/ver10/media/wsdl\""
                                        " xmlns:tr2=\"http://www.onvif.org/ver20/media/wsdl\" xmlns:tev=\"http://www.onvif.org/ver10/events/wsdl\""
                                        " xmlns:tptz=\"http://www.onvif.org/ver20/ptz/wsdl\" xmlns:tt=\"http://www.onvif.org/ver10/schema\""
                                        " xmlns:wsnt=\"http://docs.oasis-open.org/wsn/b-2\""
                                        " xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\""
                                        " xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\"";

struct Meaning {
    std::string_view sign; ///< within codes or reason, lower case
    Fault fault;
};
// The first that fits counts. Codes of ONVIF Core, and words of vendors.
constexpr std::array meanings{
    Meaning{"notauthorized", Fault::refused},
    Meaning{"failedauthentication", Fault::refused},
    Meaning{"not authorized", Fault::refused},
    Meaning{"invalidsecurity", Fault::refused},
    Meaning{"unauthorized", Fault::refused},
    Meaning{"resourceunknown", Fault::gone},
    Meaning{"invalidsubscription", Fault::gone},
    Meaning{"unabletogetmessages", Fault::gone},
    Meaning{"maximumpullpoints", Fault::full},
    Meaning{"subscribecreationfailed", Fault::full},
    Meaning{"actionnotsupported", Fault::unsupported},
    Meaning{"notimplemented", Fault::unsupported},
    Meaning{"not implemented", Fault::unsupported},
    Meaning{"invalidargval", Fault::unsupported},
    Meaning{"operationprohibited", Fault::unsupported},
};

/// "ter:NotAuthorized" -> "NotAuthorized".
std::string_view without_prefix(std::string_view name) { return name.substr(name.rfind(':') == std::string_view::npos ? 0 : name.rfind(':') + 1); }

Error error_of_fault(pugi::xml_node fault) {
    std::string codes = std::string(without_prefix(xml::text_at(fault, "faultcode"))); // SOAP 1.1, of some
    auto code = xml::child_at(fault, "Code");
    for (std::size_t depth = 0; code && depth < 4; ++depth) {
        const auto value = xml::text_at(code, "Value");
        if (!codes.empty()) codes += '/';
        codes += without_prefix(value);
        code = xml::child_at(code, "Subcode");
    }
    auto reason = xml::text_at(fault, "Reason/Text");
    if (reason.empty()) reason = xml::text_at(fault, "faultstring");
    const std::string said = "the device says " + cut_utf8(codes, word_bytes_max) + ": " + cut_utf8(reason, reason_bytes_max);
    const auto looked_at = lower(codes + " " + reason);
    for (const Meaning& meaning : meanings)
        if (looked_at.find(meaning.sign) != std::string::npos) return Error(meaning.fault, said);
    return Error(Fault::busy, said);
}

} // namespace

std::string encode_envelope(const Call& call) {
    std::string header = call.security;
    if (!call.action.empty())
        header += "<wsa5:Action s:mustUnderstand=\"1\">" + xml::escaped(call.action) +
                  "</wsa5:Action><wsa5:MessageID>urn:uuid:" + xml::escaped(call.message_id) +
                  "</wsa5:MessageID><wsa5:ReplyTo><wsa5:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa5:Address></wsa5:ReplyTo>"
                  "<wsa5:To s:mustUnderstand=\"1\">" +
                  xml::escaped(call.to) + "</wsa5:To>";
    for (const auto& parameter : call.reference_parameters) header += parameter;
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s:Envelope" + std::string(namespaces) + ">" +
           (header.empty() ? std::string() : "<s:Header>" + header + "</s:Header>") + "<s:Body>" + call.body + "</s:Body></s:Envelope>";
}

Result<Answer> decode_envelope(std::string_view bytes, std::string_view expected) {
    auto document = xml::Xml::parse(bytes, answer_bytes_max);
    if (!document) return std::move(document).error().during(expected);
    Answer answer(std::move(*document));
    const auto root = answer.document_.root();
    const auto body = xml::child_at(root, "Body");
    if (xml::local_name(root) != "Envelope" || !body) return Error(Fault::malformed, std::string(expected) + ": no envelope");
    if (const auto fault = xml::child_at(body, "Fault")) return error_of_fault(fault);
    answer.body_ = xml::child_at(body, expected);
    if (!answer.body_) return Error(Fault::malformed, std::string(expected) + ": another body");
    return answer;
}

std::string word_of(std::string_view text) {
    auto word = cut_utf8(trimmed(text), word_bytes_max);
    std::replace_if(
        word.begin(), word.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return word;
}

std::string attribute_of(pugi::xml_node node, std::string_view local) {
    for (const auto attribute : node.attributes())
        if (without_prefix(attribute.name()) == local) return attribute.value();
    return {};
}

Result<std::string> path_of(std::string_view address) {
    address = trimmed(address);
    const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f; };
    if (address.size() > address_bytes_max || !std::all_of(address.begin(), address.end(), is_plain))
        return Error(Fault::malformed, "an address that is none");
    if (address.starts_with("/")) return std::string(address);
    const auto scheme = address.find("://");
    if (scheme == std::string_view::npos) return Error(Fault::malformed, "an address without a scheme");
    const auto path = address.find('/', scheme + 3);
    return path == std::string_view::npos ? std::string("/") : std::string(address.substr(path));
}

} // namespace gatehouse::drivers::onvif
