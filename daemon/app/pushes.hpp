// SPDX-License-Identifier: Apache-2.0
//
// Where devices post to: our listener on the device network, one unguessable path per device.
#pragma once

#include "daemon/base/crypto.hpp"
#include "drivers/push_routes.hpp"

#include <map>
#include <memory>

namespace gatehouse::app {

class Pushes final : public drivers::PushRoutes {
public:
    /// `reachable`: the literal address and port that devices are told; none: no listener.
    Pushes(Key path_key, std::optional<net::Endpoint> reachable) : path_key_(path_key), reachable_(std::move(reachable)) {}

    void set_reachable(std::optional<net::Endpoint> reachable) { reachable_ = std::move(reachable); }

    std::optional<net::Endpoint> reachable_at(const drivers::DeviceInfo&) override { return reachable_; }
    std::string path_for(const drivers::DeviceInfo& device) override;
    Result<std::unique_ptr<Registration>> add(std::string path, net::HttpHandler handler) override;

    /// The listener's handler: 404 for what nobody registered. The posting address is not checked: NAT and second interfaces are common,
    /// the path is the secret.
    net::HttpHandler handler();
    std::uint64_t strangers() const { return state_->strangers; }

private:
    struct State {
        std::map<std::string, net::HttpHandler> handlers;
        std::uint64_t strangers = 0;
    };
    static Task<net::HttpResponse> answer(std::shared_ptr<State> state, net::HttpRequest request);
    Key path_key_;
    std::optional<net::Endpoint> reachable_;
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

} // namespace gatehouse::app
