// SPDX-License-Identifier: Apache-2.0
//
// How a driver takes in what its device posts to us. The app implements it on its HTTP listener for devices; a driver never sees the
// server. Everything on the loop.
#pragma once

#include "daemon/net/http.hpp"
#include "drivers/driver.hpp"

#include <memory>
#include <optional>
#include <string>

namespace gatehouse::drivers {

class PushRoutes {
public:
    /// While it lives the path is served. Destroying it frees the path; a handler that still runs is finished or cancelled first.
    class Registration {
    public:
        virtual ~Registration() = default;
    };

    virtual ~PushRoutes() = default;

    /// Where this device reaches our listener: a literal address of the interface the device is on, and the port. None: there is no
    /// listener on the device's side, so nothing can be pushed.
    virtual std::optional<net::Endpoint> reachable_at(const DeviceInfo& device) = 0;

    /// The path for this device, beginning with '/': the same after a restart, and not to be guessed (devices push without a password).
    virtual std::string path_for(const DeviceInfo& device) = 0;

    /// Fault::refused when the path is taken. The handler answers each POST or PUT to exactly this path.
    virtual Result<std::unique_ptr<Registration>> add(std::string path, net::HttpHandler handler) = 0;
};

} // namespace gatehouse::drivers
