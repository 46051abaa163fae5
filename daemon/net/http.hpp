// SPDX-License-Identifier: Apache-2.0
//
// HTTP as plain values; the client over any Stream, with digest authentication (RFC 7616, MD5 and SHA-256, qop=auth); the server's
// handler. Beast stays behind this (house H2: one owner).
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/entropy.hpp"
#include "daemon/net/network.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The first header of that name, any case; none: empty.
std::string_view header(const Headers& headers, std::string_view name);

struct HttpRequest {
    std::string method = "GET";
    std::string target = "/";
    Headers headers;
    std::string body;
    // Server side only:
    Endpoint from;
    std::optional<std::uint32_t> peer_uid; ///< SO_PEERCRED on a Unix socket
    std::optional<std::uint32_t> peer_gid;
    std::vector<std::uint32_t> peer_groups; ///< all groups of peer_uid
};

/// A body that is made while it is sent, piece by piece, so that an answer of any length costs one piece of memory.
class BodySource {
public:
    virtual ~BodySource() = default;
    /// All of it; known before the first byte.
    virtual std::uint64_t bytes() const = 0;
    /// What comes next: not empty, and body_piece_bytes_max at most. Asked again until all are given. An Error ends the connection, so that the
    /// far side sees by the length that something is missing.
    virtual Task<Result<Bytes>> next() = 0;
};
constexpr std::size_t body_piece_bytes_max = 256 * 1024;

struct HttpResponse {
    int status = 200;
    Headers headers;
    std::string body;
    std::shared_ptr<BodySource> source = nullptr; ///< server side only: in place of `body`
};

struct Credentials {
    std::string username;
    std::string password;
};

/// A response whose body goes on for hours (alertStream). The rest of the stream belongs to the reader.
class HttpBody {
public:
    virtual ~HttpBody() = default;
    /// The response's status and headers; the body is still to come.
    virtual const HttpResponse& head() const = 0;
    /// The next bytes, de-chunked; empty at the end.
    virtual Task<Result<Bytes>> read() = 0;
};

/// One device's HTTP: at most one request at a time (others wait their turn), connection kept open while the device keeps it,
/// digest challenge answered once. It never retries a 401 a second time and never falls back to Basic: five wrong tries lock a
/// terminal for half an hour.
class HttpClient {
public:
    struct Options {
        Endpoint server;
        Binding binding;
        std::optional<TlsOptions> tls;
        std::optional<Credentials> credentials;
        Duration connect_limit = std::chrono::seconds(5);
        Duration answer_limit = std::chrono::seconds(10);
        std::size_t body_bytes_max = 8 * 1024 * 1024;
        std::size_t header_bytes_max = 16 * 1024;
    };
    virtual ~HttpClient() = default;

    /// Any status is a value, 401 too (after the one digest try). Fault::unreachable, timed_out, malformed, full (bounds).
    virtual Task<Result<HttpResponse>> request(HttpRequest request) = 0;

    /// On a connection of its own. A status other than 2xx is a value too: look at head().
    virtual Task<Result<std::unique_ptr<HttpBody>>> open(HttpRequest request) = 0;
};

std::unique_ptr<HttpClient> make_http_client(Network& network, Clock& clock, Entropy& entropy, HttpClient::Options options);

/// Answers one request, on the loop. Must not throw. A handler that takes longer than the server's limit is cancelled and answered for
/// with 503. HEAD comes as GET; the server leaves the body away. Content-Length and Connection are the server's; "Connection: close"
/// among the answer's headers closes after it.
using HttpHandler = std::function<Task<HttpResponse>(HttpRequest)>;

/// A WebSocket connection on the server's side. send() waits while the far side's queue is full (slow readers are the caller's to
/// drop); several may wait, each message stays whole. receive(): Fault::gone at the end, full over 1 MiB; one at a time. A send() that
/// is cancelled half-way, and a cancelled receive(), end the connection. close() says so to the far side when it can, and ends what waits.
class WebSocket {
public:
    virtual ~WebSocket() = default;
    virtual Task<Done> send(std::string text) = 0;
    /// A binary message of bytes that many may share.
    virtual Task<Done> send_bytes(std::shared_ptr<const Bytes> bytes) = 0;
    virtual Task<Result<std::string>> receive() = 0; ///< text or bytes
    virtual void close() = 0;
};
/// Runs for the life of the connection.
using WebSocketHandler = std::function<Task<void>(HttpRequest upgrade, std::unique_ptr<WebSocket>)>;

/// Serves HTTP/1.1 on TCP and on Unix sockets until its run() is cancelled. Bounds: connections, header bytes and time, body bytes and
/// time. What is ambiguous (two lengths, length and chunked) is answered 400 and closed.
class HttpServer {
public:
    struct Options {
        std::size_t connections_max = 512;
        std::size_t header_bytes_max = 16 * 1024;
        std::size_t body_bytes_max = 16 * 1024 * 1024;
        Duration header_limit = std::chrono::seconds(10);
        Duration body_limit = std::chrono::seconds(30);
        Duration handler_limit = std::chrono::seconds(30);
        Duration idle_limit = std::chrono::seconds(75);
        /// Asked before a WebSocket is taken; a response refuses it (who is not logged in, another Origin, another path). Without it no
        /// WebSocket is taken: an Upgrade header is as good as absent.
        std::function<Task<std::optional<HttpResponse>>(HttpRequest)> refuse_upgrade;
    };
    /// A server's certificate chain and key, PEM files.
    struct Certificate {
        std::string certificate_file;
        std::string key_file;
    };
    virtual ~HttpServer() = default;
    /// Port 0: any; host empty: all addresses; answers the port bound. Before run().
    virtual Result<std::uint16_t> listen_tcp(Endpoint at, Binding binding) = 0;
    /// The same with TLS 1.2 or later. Reads the files at once: a changed certificate needs a new server.
    virtual Result<std::uint16_t> listen_tls(Endpoint at, Binding binding, Certificate certificate) = 0;
    /// Replaces a dead socket file; file mode 0660 and the group, when given and existing.
    virtual Done listen_unix(std::string path, std::string group) = 0;
    /// Ends only when cancelled; closes its listeners and connections and waits for their handlers. Alive longer than run().
    virtual Task<void> run() = 0;
    /// One connection that somebody else accepted (a simulated network's), until it ends. WebSockets need a real socket: 501.
    virtual Task<void> serve(std::unique_ptr<Stream> stream) = 0;
};
std::unique_ptr<HttpServer> make_http_server(Loop& loop, Clock& clock, HttpServer::Options options, HttpHandler handler,
                                             WebSocketHandler web_socket = {});

/// A blocking client for command-line programs (gatehousectl): one request over a Unix socket.
Result<HttpResponse> request_over_unix_socket(const std::string& path, const HttpRequest& request, Duration limit);
/// Opens a WebSocket over a Unix socket and calls `each` for every message (16 MiB at most) until it answers false or the connection ends.
Done follow_over_unix_socket(const std::string& path, const HttpRequest& upgrade, const std::function<bool(std::string_view)>& each);

} // namespace gatehouse::net
