// SPDX-License-Identifier: Apache-2.0
//
// One blocking HTTP request to a server on this machine: a simulator's control port, or the gateway's Unix socket.
#pragma once

#include "tests/harness/eventually.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace gatehouse::harness {

struct HttpReply {
    unsigned status = 0;
    std::string body;
    std::map<std::string, std::string> headers; // names in lower case
    /// The body as JSON; Trouble where it is none.
    boost::json::value json() const;
};

class HttpPeer {
public:
    static HttpPeer tcp(std::uint16_t port) { return HttpPeer(port, {}); }
    static HttpPeer unix_socket(std::string path) { return HttpPeer(0, std::move(path)); }

    /// Any answer is given back, whatever its status; Trouble where none came.
    HttpReply ask(std::string_view verb, std::string_view target, std::string_view body = {}, const std::map<std::string, std::string>& headers = {},
                  std::chrono::milliseconds within = patience) const;

    /// As `ask`, for JSON in and out; Trouble when the status is not 2xx.
    boost::json::value get(std::string_view target) const;
    boost::json::value post(std::string_view target, const boost::json::value& body) const;
    boost::json::value remove(std::string_view target) const;

    std::uint16_t number() const { return port_; }

private:
    HttpPeer(std::uint16_t port, std::string path) : port_(port), path_(std::move(path)) {}
    std::uint16_t port_;
    std::string path_;
};

} // namespace gatehouse::harness
