// SPDX-License-Identifier: Apache-2.0
//
// A one-shot loopback CONNECT proxy: Paho, which would resolve and wait for TCP in the one thread that all its connections share,
// connects to it and finds the far stream open already. One caller, who must show the token; then bytes go both ways until either end
// closes. Lives on the loop.
//
// Paho waits for the proxy's answer while it holds the lock that every call into it takes, and looks for it only every 250 ms. So the
// answer is sent before the question is read, and until answered() is set nobody calls Paho from the loop, which has the answer to send.
#pragma once

#include "daemon/net/network.hpp"

#include <memory>
#include <string>

namespace gatehouse::net {

class ConnectTunnel {
public:
    /// Listens on 127.0.0.1, any port. `token`: letters and digits.
    static Result<std::unique_ptr<ConnectTunnel>> open(Loop& loop, std::unique_ptr<Stream> far, std::string token);
    ~ConnectTunnel();

    /// "gatehouse:TOKEN@127.0.0.1:PORT", as Paho wants it.
    std::string proxy() const;

    /// Set once somebody has been answered, or the tunnel is over.
    Event& answered();

    /// Until either end closes, cut() or cancellation.
    Task<void> run();

    /// Closes both ends at once; no word of farewell is sent.
    void cut();

private:
    struct Inside;
    explicit ConnectTunnel(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

} // namespace gatehouse::net
