// SPDX-License-Identifier: Apache-2.0
//
// Sockets as interfaces, so that the core runs on a simulated network too (tests/fakes). Nothing outside daemon/net opens one.
// Everything here lives on the loop. Cancelling a waiting call closes nothing; destroying or closing an object ends its waiting calls
// with Fault::gone.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/task.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::net {

/// A literal address or a name, and a port. IPv6 literals without brackets.
struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};
std::string to_text(const Endpoint& endpoint);
/// "host:port" or "[v6]:port".
Result<Endpoint> parse_endpoint(std::string_view text);

/// The named network interface a socket is bound to (SO_BINDTODEVICE); empty: the routing table decides. The box stands in two
/// networks, and nothing may leave by the wrong one. An interface that does not exist: Fault::unreachable naming it.
struct Binding {
    std::string interface;
};

/// How TLS is checked. Empty ca_file: the system's certificates. `pinned_sha256` (of the certificate's DER, hex): exactly that
/// certificate and nothing else is checked, for devices with self-signed ones.
struct TlsOptions {
    std::string server_name;
    std::string ca_file;
    std::string certificate_file;
    std::string key_file;
    std::string pinned_sha256;
    bool pin_on_first_use = false; ///< accept any, and tell which by Stream::peer_sha256(), for the caller to keep
};

/// What the peer's end of a connection has taken of what was written into ours.
struct Taken {
    std::uint64_t bytes = 0; ///< acknowledged since the beginning
    bool is_waiting = false; ///< more was written, and the peer has room for it
};

/// A connected byte stream. One reader and one writer at a time.
class Stream {
public:
    virtual ~Stream() = default;
    /// At least one byte; 0 at the end of the stream.
    virtual Task<Result<std::size_t>> read_some(std::span<std::uint8_t> into) = 0;
    /// All of `bytes`, which must live until it returns.
    virtual Task<Done> write(ByteView bytes) = 0;
    virtual void close() = 0;
    virtual Endpoint remote() const = 0;
    /// SHA-256 of the peer's certificate in hex, empty without TLS.
    virtual std::string peer_sha256() const { return {}; }
    /// As TCP knows it; nothing waits where it is not known.
    virtual Taken taken() const { return {}; }
};

struct Datagram {
    Endpoint from;
    Bytes bytes;
};

constexpr std::size_t datagram_bytes_max = 8192; ///< a camera's answer to WS-Discovery has three kilobytes

/// A UDP socket. Longer datagrams arrive cut at datagram_bytes_max.
class DatagramSocket {
public:
    virtual ~DatagramSocket() = default;
    virtual Task<Result<Datagram>> receive() = 0;
    virtual Task<Done> send(Endpoint to, Bytes bytes) = 0;
    virtual Endpoint local() const = 0;
    virtual void close() = 0;
};

class Network {
public:
    virtual ~Network() = default;

    /// TCP, with TLS when `tls` is given. Names are looked up in the pool; the last good addresses of a name are kept and used when a
    /// look-up fails. Fault::unreachable, timed_out, refused (certificate).
    virtual Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, Binding binding, std::optional<TlsOptions> tls, Duration limit) = 0;

    /// A literal address of `host`, for a process that can't look names up itself; looked up as connect() does. A network whose hosts need
    /// no look-up answers the name as it is.
    virtual Task<Result<std::string>> address_of(std::string host, Duration limit) {
        static_cast<void>(limit);
        co_return host;
    }

    /// Address empty: all addresses. Port 0: any free one. Broadcast sending is allowed.
    virtual Result<std::unique_ptr<DatagramSocket>> open_datagrams(Endpoint bind_to, Binding binding) = 0;
};

} // namespace gatehouse::net
