// SPDX-License-Identifier: Apache-2.0
//
// A network in memory, on one loop and one clock: streams to servers of the same process, datagrams between endpoints, with delay,
// loss, pulled cables and broken connections by script. With a SimClock an hour of it takes a blink.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/entropy.hpp"
#include "daemon/net/network.hpp"

#include <functional>
#include <memory>
#include <string>

namespace gatehouse::fakes {

/// Hosts are compared as texts, so names need no look-up. TLS is taken as done. Everything on the loop. Its destructor breaks what is
/// open, cancels its servers and polls the loop until they have ended.
class SimNetwork final : public net::Network {
public:
    /// `home`: the address that sockets bound to no address send from.
    SimNetwork(Loop& loop, Clock& clock, Entropy& entropy, std::string home = "10.0.0.1");
    ~SimNetwork() override;

    Task<Result<std::unique_ptr<net::Stream>>> connect(net::Endpoint to, net::Binding binding, std::optional<net::TlsOptions> tls,
                                                       Duration limit) override;
    Result<std::unique_ptr<net::DatagramSocket>> open_datagrams(net::Endpoint bind_to, net::Binding binding) override;

    /// Each connection to `at` runs one coroutine until it returns; then its stream is closed.
    using Server = std::function<Task<void>(std::unique_ptr<net::Stream>)>;
    void listen(net::Endpoint at, Server server);
    void stop_listening(const net::Endpoint& at);

    /// Everything from now on arrives this much later. Streams keep their order.
    void set_delay(Duration delay);
    /// Of 1,000 datagrams so many are lost (streams lose none).
    void set_loss(unsigned per_mille);

    /// The host's cable is out: connecting times out, datagrams are lost, streams are silent and break after 30 s.
    void cut(const std::string& host);
    void mend(const std::string& host);
    /// All streams to the host end at once with Fault::unreachable, as after its restart.
    void reset(const std::string& host);

    std::uint64_t connections_made() const;
    std::size_t streams_open(const std::string& host) const;

    struct Inside;

private:
    std::shared_ptr<Inside> inside_;
};

} // namespace gatehouse::fakes
