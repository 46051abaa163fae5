// SPDX-License-Identifier: Apache-2.0
//
// WS-Discovery (OASIS 2005/04): what a camera answers to a Probe. Listens on the group 239.255.255.250:3702 at one interface, and on a port of its
// own for probes sent to it alone. io thread only.
#pragma once

#include "tests/simulators/control/faults.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gatehouse::simulators::cameras::onvif {

struct Found {
    std::string uuid;    // without urn:uuid:
    std::string address; // http://ADDRESS:PORT/onvif/device_service
    std::string name, hardware, location;
};

/// The answer to `datagram`; nothing where it is no Probe or asks for other devices.
std::optional<std::string> probe_match(const std::string& datagram, const Found& found, const control::Faults& faults, std::uint64_t number);

class Discovery {
public:
    static constexpr std::size_t datagram_bytes_max = 16 * 1024;

    Discovery(boost::asio::io_context& io, std::function<std::optional<std::string>(const std::string&)> answer);

    /// `group`: also the multicast group, at the interface that has `address`; throws boost::system::system_error.
    void listen(const std::string& address, std::uint16_t port, bool group);
    std::uint16_t port() const { return port_; }

private:
    void receive(std::size_t which);

    boost::asio::io_context& io_;
    std::function<std::optional<std::string>(const std::string&)> answer_;
    struct Ear {
        boost::asio::ip::udp::socket socket;
        boost::asio::ip::udp::endpoint from;
        std::array<char, datagram_bytes_max> bytes;
    };
    std::array<std::unique_ptr<Ear>, 2> ears_; // its own, the group's
    std::uint16_t port_ = 0;
};

} // namespace gatehouse::simulators::cameras::onvif
