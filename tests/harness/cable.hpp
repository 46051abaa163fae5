// SPDX-License-Identifier: Apache-2.0
//
// A network cable that a test can pull: a TCP relay on loopback between a client and a server. It forwards, hangs (both
// sides stay connected and hear nothing), is cut (connections are reset, new ones refused), or is slow; and it keeps
// every byte that went up, so a test can search all that left the house. One thread of its own; all calls from any
// thread. Bytes are what stood on the wire: search for plain text only where the connection is not TLS.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace gatehouse::harness {

class Cable {
public:
    /// Listens on 127.0.0.1 and forwards to 127.0.0.1:`server`.
    explicit Cable(std::uint16_t server);
    ~Cable();
    Cable(const Cable&) = delete;
    Cable& operator=(const Cable&) = delete;

    std::uint16_t port() const;

    /// The plug is out: connections die at once, new ones too.
    void cut();
    /// Nothing is forwarded and nothing closes: a dead switch on the way, or a firewall that drops.
    void hang();
    /// Only what comes down (the server's answers) is held: the server hears everything and is never heard.
    void hang_downward();
    /// Back to normal. What was held is delivered.
    void mend();
    /// Bytes a second each way; 0: no limit.
    void set_speed(std::uint64_t bytes_per_s);

    /// All bytes that clients sent to the server so far, over all connections in order of arrival.
    std::string sent_up() const;
    std::string sent_down() const;
    std::uint64_t bytes_up() const;
    std::uint64_t bytes_down() const;
    std::uint64_t connections_made() const;
    void forget_bytes();

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

} // namespace gatehouse::harness
