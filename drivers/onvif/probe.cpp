// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/probe.hpp"

#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"
#include "drivers/onvif/soap.hpp"

namespace gatehouse::drivers::onvif {

namespace {

constexpr std::size_t probe_bytes_max = 64 * 1024;

std::string bare_uuid(std::string_view text) {
    auto uuid = lower(word_of(text));
    if (const auto colon = uuid.rfind(':'); colon != std::string::npos) uuid.erase(0, colon + 1);
    return uuid;
}

/// Views into `text`.
std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    constexpr std::string_view blanks = " \t\r\n";
    for (auto from = text.find_first_not_of(blanks); from != std::string_view::npos;) {
        const auto end = std::min(text.find_first_of(blanks, from), text.size());
        words.push_back(text.substr(from, end - from));
        from = text.find_first_not_of(blanks, end);
    }
    return words;
}

std::string without_percent(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%' && at + 2 < text.size()) {
            if (const auto byte = from_hex(text.substr(at + 1, 2))) {
                out += static_cast<char>(byte->front());
                at += 2;
                continue;
            }
        }
        out += text[at];
    }
    return word_of(read_text(out).text);
}

void read_scope(ProbeMatch& match, std::string_view scope) {
    constexpr std::string_view head = "onvif://www.onvif.org/";
    if (!lower(scope.substr(0, head.size())).starts_with(head)) return;
    scope.remove_prefix(head.size());
    const auto slash = scope.find('/');
    if (slash == std::string_view::npos) return;
    const auto kind = lower(scope.substr(0, slash));
    std::string* kept = kind == "name" ? &match.name : kind == "hardware" ? &match.hardware : kind == "location" ? &match.location : nullptr;
    if (kept != nullptr && kept->empty()) *kept = without_percent(scope.substr(slash + 1));
}

} // namespace

std::string encode_probe(std::string_view message_uuid, ProbeFor wanted) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
           "xmlns:wsa=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\" "
           "xmlns:dn=\"http://www.onvif.org/ver10/network/wsdl\"><s:Header><wsa:MessageID>urn:uuid:" +
           std::string(message_uuid) +
           "</wsa:MessageID><wsa:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</wsa:To>"
           "<wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</wsa:Action></s:Header><s:Body><d:Probe>" +
           (wanted == ProbeFor::cameras ? "<d:Types>dn:NetworkVideoTransmitter</d:Types>" : "") + "</d:Probe></s:Body></s:Envelope>";
}

Result<ProbeMatches> decode_probe_matches(std::string_view datagram) {
    if (datagram.size() > probe_bytes_max) return Error(Fault::full, "ProbeMatches beyond a datagram");
    auto answer = decode_envelope(datagram, "ProbeMatches");
    if (!answer) return std::move(answer).error();
    ProbeMatches found;
    found.relates_to = bare_uuid(xml::text_at(answer->header(), "RelatesTo"));
    for (const auto node : xml::children_at(answer->body(), "ProbeMatch")) {
        if (found.matches.size() >= probe_matches_max) break;
        ProbeMatch match;
        match.uuid = bare_uuid(xml::text_at(node, "EndpointReference/Address"));
        const auto addresses = xml::text_at(node, "XAddrs"), scopes = xml::text_at(node, "Scopes");
        for (const auto address : words_of(addresses))
            if (match.addresses.size() < match_addresses_max && path_of(address)) match.addresses.emplace_back(address);
        for (const auto scope : words_of(scopes)) read_scope(match, scope);
        found.matches.push_back(std::move(match));
    }
    return found;
}

} // namespace gatehouse::drivers::onvif
