// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/onvif/discovery.hpp"

#include "tests/simulators/cameras/onvif/soap.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/multicast.hpp>

#include <algorithm>
#include <cstdio>

namespace gatehouse::simulators::cameras::onvif {
namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

namespace {

constexpr auto group_address = "239.255.255.250";
constexpr std::uint16_t group_port = 3702;

} // namespace

std::optional<std::string> probe_match(const std::string& datagram, const Found& found, const control::Faults& faults, std::uint64_t number) {
    const auto call = Call::read(datagram);
    if (!call || call->operation() != "Probe") return std::nullopt;
    const std::string types = call->text("Types");
    if (!types.empty() && types.find("NetworkVideoTransmitter") == std::string::npos && types.find("Device") == std::string::npos)
        return std::nullopt;
    if (types.empty() && faults.is_set("discovery_wants_types")) return std::nullopt;
    if (!types.empty() && faults.is_set("discovery_wants_no_types")) return std::nullopt;
    std::string relates = call->message_id();
    if (faults.is_set("discovery_bare_relates") && relates.starts_with("urn:uuid:")) relates.erase(0, 9);
    const std::string addresses =
        (faults.is_set("discovery_link_local_first") ? "http://[fe80::1234:56ff:fe78:9abc]/onvif/device_service " : "") + found.address;
    char id[64];
    std::snprintf(id, sizeof id, "%08llx", static_cast<unsigned long long>(number));
    const std::string header = "<wsa:MessageID>urn:uuid:" + std::string(id) + found.uuid.substr(std::min<std::size_t>(8, found.uuid.size())) +
                               "</wsa:MessageID><wsa:RelatesTo>" + escaped(relates) +
                               "</wsa:RelatesTo><wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>"
                               "<wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action>";
    return envelope("<d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference><wsa:Address>urn:uuid:" + found.uuid +
                        "</wsa:Address></wsa:EndpointReference><d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types><d:Scopes>"
                        "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/Profile/Streaming onvif://www.onvif.org/name/" +
                        escaped(found.name) + " onvif://www.onvif.org/hardware/" + escaped(found.hardware) + " onvif://www.onvif.org/location/" +
                        escaped(found.location) + "</d:Scopes><d:XAddrs>" + escaped(addresses) +
                        "</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches>",
                    header);
}

Discovery::Discovery(asio::io_context& io, std::function<std::optional<std::string>(const std::string&)> answer)
    : io_(io), answer_(std::move(answer)) {}

void Discovery::listen(const std::string& address, std::uint16_t port, bool group) {
    const auto own = asio::ip::make_address(address);
    ears_[0] = std::make_unique<Ear>(Ear{udp::socket(io_, udp::endpoint(own, port)), {}, {}});
    port_ = ears_[0]->socket.local_endpoint().port();
    receive(0);
    if (!group) return;
    // Bound to the group itself: what is sent to this machine's port 3702 is somebody else's. Several cameras share it.
    udp::socket socket(io_, udp::v4());
    socket.set_option(udp::socket::reuse_address(true));
    socket.bind({asio::ip::make_address(group_address), group_port});
    socket.set_option(asio::ip::multicast::join_group(asio::ip::make_address_v4(group_address), own.to_v4()));
    ears_[1] = std::make_unique<Ear>(Ear{std::move(socket), {}, {}});
    receive(1);
}

// Answers leave from the camera's own socket, whichever way the probe came.
void Discovery::receive(std::size_t which) {
    Ear& ear = *ears_[which];
    ear.socket.async_receive_from(asio::buffer(ear.bytes), ear.from, [this, which](error_code error, std::size_t size) {
        if (error == asio::error::operation_aborted) return;
        Ear& heard = *ears_[which];
        if (!error) {
            if (const auto answer = answer_(std::string(heard.bytes.data(), size))) {
                error_code ignored;
                ears_[0]->socket.send_to(asio::buffer(*answer), heard.from, 0, ignored);
            }
        }
        receive(which);
    });
}

} // namespace gatehouse::simulators::cameras::onvif
