// SPDX-License-Identifier: Apache-2.0
//
// What a browser needs to reach a gateway that listens on a Unix socket only: a port on loopback, where GET / answers a page of the test's, POST
// /said keeps what the page tells, and GET /api/…, WebSockets too, goes to the gateway byte for byte as it came; one request a connection.
// Threads of its own; all calls from any thread. For tests: whoever reaches the port is the test's own user to the gateway.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::harness {

class Bridge {
public:
    Bridge(std::string socket, std::string page);
    ~Bridge();
    Bridge(const Bridge&) = delete;
    Bridge& operator=(const Bridge&) = delete;

    std::uint16_t port() const;
    /// Bodies of POST /said, in order.
    std::vector<std::string> said() const;

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

} // namespace gatehouse::harness
