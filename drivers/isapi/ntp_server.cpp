// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/ntp_server.hpp"

#include "drivers/isapi/response_status.hpp"
#include "drivers/xml.hpp"

namespace gatehouse::drivers::isapi {

namespace {
bool is_address(std::string_view host) { return !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos; }
} // namespace

Result<NtpServer> decode_ntp_servers(std::string_view body) {
    auto xml = xml::Xml::parse(body, answer_bytes_max);
    if (!xml) return std::move(xml).error().during("NTPServerList");
    auto at = xml->root();
    if (xml::local_name(at) == "NTPServerList") at = xml::child_at(at, "NTPServer");
    if (!at) return NtpServer{};
    if (xml::local_name(at) != "NTPServer") return Error(Fault::malformed, "NTPServerList: another root");
    NtpServer server;
    server.host = xml::text_at(at, "ipAddress");
    if (server.host.empty() || server.host == "0.0.0.0") server.host = xml::text_at(at, "hostName");
    server.port = xml::number_at(at, "portNo").value_or(123);
    server.interval_min = xml::number_at(at, "synchronizeInterval").value_or(60);
    return server;
}

std::string encode_ntp_servers(const NtpServer& server) {
    const bool address = is_address(server.host);
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<NTPServerList version=\"2.0\" "
           "xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n<NTPServer>\n<id>1</id>\n"
           "<addressingFormatType>" +
           std::string(address ? "ipaddress" : "hostname") + "</addressingFormatType>\n" + (address ? "<ipAddress>" : "<hostName>") +
           xml::escaped(server.host) + (address ? "</ipAddress>" : "</hostName>") + "\n<portNo>" + std::to_string(server.port) +
           "</portNo>\n<synchronizeInterval>" + std::to_string(server.interval_min) + "</synchronizeInterval>\n</NTPServer>\n</NTPServerList>\n";
}

} // namespace gatehouse::drivers::isapi
