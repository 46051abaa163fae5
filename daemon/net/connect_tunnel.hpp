// SPDX-License-Identifier: Apache-2.0
//
// A one-shot loopback CONNECT proxy: Paho, which would resolve and wait for TCP in the one thread that all its connections share,
// connects to it and finds the far stream open already. One caller, who must show the token; then bytes go both ways until either end
// closes, or the far one takes nothing any more. Lives on the loop.
//
// A broker whose packets reach us while ours are lost seems alive to TCP: each thing that it says anew puts off TCP_USER_TIMEOUT (84 s
// measured), and Paho, which sees only our loopback, notices with its second ping at best. So the tunnel watches what is acknowledged.
// It also reads the lengths of the packets that come in (inside/mqtt_lengths.hpp), so `far` is MQTT in the clear: TLS lies beneath it.
//
// Paho waits for the proxy's answer while it holds the lock that every call into it takes, and looks for it only every 250 ms. So the
// answer is sent before the question is read, and until answered() is set nobody calls Paho from the loop, which has the answer to send.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/net/network.hpp"

#include <memory>
#include <optional>
#include <string>

namespace gatehouse::net {

/// Something waits to be acknowledged and nothing is for this long: the far end counts as gone. Below TCP_USER_TIMEOUT.
constexpr Duration nothing_taken_max = std::chrono::seconds(25);

class ConnectTunnel {
public:
    /// Listens on 127.0.0.1, any port. `token`: letters and digits. `packet_bytes_max`: of what the far end may say.
    static Result<std::unique_ptr<ConnectTunnel>> open(Loop& loop, Clock& clock, std::unique_ptr<Stream> far, std::string token,
                                                       std::uint32_t packet_bytes_max);
    ~ConnectTunnel();

    /// "gatehouse:TOKEN@127.0.0.1:PORT", as Paho wants it.
    std::string proxy() const;

    /// Set once somebody has been answered, or the tunnel is over.
    Event& answered();

    /// Until either end closes, the far one takes nothing any more or says too large a packet, cut() or cancellation.
    Task<void> run();
    /// What ended the far stream; none: it ended in order, or ours was the end.
    const std::optional<Error>& fault() const;

    /// Closes both ends at once; no word of farewell is sent.
    void cut();

private:
    struct Inside;
    explicit ConnectTunnel(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

} // namespace gatehouse::net
