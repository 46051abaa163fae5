// SPDX-License-Identifier: Apache-2.0
//
// The control server of a simulator: HTTP on 127.0.0.1 by which tests and the demo command the device and read what it
// did. Routes are in tests/simulators/README.md. Lives on the io_context's one thread and must outlive its run().
#pragma once

#include "tests/simulators/control/device.hpp"
#include "tests/simulators/control/faults.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <cstdint>
#include <memory>

namespace gatehouse::simulators::control {

constexpr std::size_t control_body_bytes_max = 8 * 1024 * 1024;

class Server {
public:
    /// Binds at once; throws boost::system::system_error where the port is taken. Holds all four by reference.
    Server(boost::asio::io_context& io, std::uint16_t port, std::uint64_t seed, Device& device, Ledger& ledger, Faults& faults);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;

    /// Prints the one ready line, {"ready":true,"control":PORT,"ports":{…}}, and flushes: tests wait for it.
    void print_ready(const boost::json::object& ports) const;

    /// Answers one control request; the socket side of the server calls it, tests may too.
    struct Answer {
        unsigned status = 200;
        boost::json::value body;
    };
    Answer handle(std::string_view verb, std::string_view target, std::string_view body);

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

/// The whole life of a simulator program: server up, ready line, run until /shutdown, SIGTERM or SIGINT.
void serve(boost::asio::io_context& io, Server& server, const boost::json::object& ports);

} // namespace gatehouse::simulators::control
