// SPDX-License-Identifier: Apache-2.0
//
// The HTTP API of the gateway (README.md of this folder): who asks, what they may, which route, one answer. Lives on the loop; outlives
// the server that calls it. Never throws but for cancellation.
#pragma once

#include "daemon/console/parts.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace gatehouse::console {

struct Asking;
struct Desk;

class Console {
public:
    /// `group_name`: a group's name by its number, empty when unknown; none: the machine's.
    explicit Console(Parts parts, std::function<std::string(std::uint32_t)> group_name = {});
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;
    ~Console();

    net::HttpHandler handler();
    /// Live feeds of records (inside/live_feed.hpp) and of cameras (inside/live_video.hpp). Asks again what refuse_upgrade() asked.
    net::WebSocketHandler web_socket();
    /// For HttpServer::Options::refuse_upgrade.
    std::function<Task<std::optional<net::HttpResponse>>(net::HttpRequest)> refuse_upgrade();

private:
    Task<net::HttpResponse> answer(net::HttpRequest request);
    Task<net::HttpResponse> route(const net::HttpRequest& request);
    Task<std::optional<net::HttpResponse>> refuse(net::HttpRequest upgrade);
    Task<void> feed(net::HttpRequest upgrade, std::unique_ptr<net::WebSocket> socket);
    Task<void> show(const net::HttpRequest& upgrade, Asking asking, std::unique_ptr<net::WebSocket> socket);
    std::optional<auth::Role> role_of(const net::HttpRequest& request) const;
    void count(const net::HttpResponse& response);

    Parts parts_;
    std::function<std::string(std::uint32_t)> group_name_;
    std::unique_ptr<Desk> desk_;
};

} // namespace gatehouse::console
