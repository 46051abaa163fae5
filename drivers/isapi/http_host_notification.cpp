// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/http_host_notification.hpp"

#include "drivers/isapi/response_status.hpp"
#include "drivers/xml.hpp"

namespace gatehouse::drivers::isapi {

namespace {

HttpHost read_host(pugi::xml_node at) {
    HttpHost host;
    host.id = xml::number_at(at, "id").value_or(0);
    host.url = xml::text_at(at, "url");
    host.address = xml::text_at(at, "ipAddress");
    if (host.address.empty() || host.address == "0.0.0.0")
        if (auto name = xml::text_at(at, "hostName"); !name.empty()) host.address = std::move(name);
    host.port = xml::number_at(at, "portNo").value_or(0);
    host.format = xml::text_at(at, "parameterFormatType");
    return host;
}

} // namespace

Result<std::vector<HttpHost>> decode_http_hosts(std::string_view body) {
    auto xml = xml::Xml::parse(body, answer_bytes_max);
    if (!xml) return std::move(xml).error().during("HttpHostNotificationList");
    const auto root = xml->root();
    if (xml::local_name(root) == "HttpHostNotification") return std::vector<HttpHost>{read_host(root)};
    if (xml::local_name(root) != "HttpHostNotificationList") return Error(Fault::malformed, "HttpHostNotificationList: another root");
    std::vector<HttpHost> hosts;
    for (const auto& node : xml::children_at(root, "HttpHostNotification"))
        if (hosts.size() < http_hosts_max) hosts.push_back(read_host(node));
    return hosts;
}

std::string encode_http_host(const HttpHost& host, const Subscription* subscription) {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<HttpHostNotification version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n<id>" +
        std::to_string(host.id) + "</id>\n<url>" + xml::escaped(host.url) + "</url>\n<protocolType>HTTP</protocolType>\n<parameterFormatType>" +
        xml::escaped(host.format) + "</parameterFormatType>\n<addressingFormatType>ipaddress</addressingFormatType>\n<ipAddress>" +
        xml::escaped(host.address) + "</ipAddress>\n<portNo>" + std::to_string(host.port) +
        "</portNo>\n<httpAuthenticationMethod>none</httpAuthenticationMethod>\n";
    if (subscription != nullptr)
        out += "<SubscribeEvent>\n<heartbeat>" + std::to_string(subscription->heartbeat_s) +
               "</heartbeat>\n<eventMode>all</eventMode>\n<EventList><Event><type>AccessControllerEvent</type><pictureURLType>binary</"
               "pictureURLType></Event>"
               "</EventList>\n</SubscribeEvent>\n";
    return out + "</HttpHostNotification>\n";
}

} // namespace gatehouse::drivers::isapi
