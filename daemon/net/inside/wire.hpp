// SPDX-License-Identifier: Apache-2.0
//
// One connected socket, plain or TLS, TCP or Unix, as one type: what is built on it is compiled once. Copies are the same socket.
#pragma once

#include "daemon/net/network.hpp"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace gatehouse::net::inside {

namespace asio = boost::asio;
using boost::system::error_code;

class Wire {
public:
    using Socket = asio::generic::stream_protocol::socket;
    using executor_type = asio::any_io_executor;

    explicit Wire(Socket socket) : held_(std::make_shared<Held>(std::move(socket))) {}

    executor_type get_executor() const { return held_->socket.get_executor(); }
    Socket& socket() const { return held_->socket; }

    /// Once, before the first byte; the caller makes the handshake.
    asio::ssl::stream<Socket&>& use_tls(std::shared_ptr<asio::ssl::context> context) {
        held_->context = std::move(context);
        return held_->tls.emplace(held_->socket, *held_->context);
    }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [held = held_](auto handler, Buffers into) {
                if (held->tls) {
                    held->tls->async_read_some(into, std::move(handler));
                } else {
                    held->socket.async_read_some(into, std::move(handler));
                }
            },
            token, buffers);
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [held = held_](auto handler, Buffers from) {
                if (held->tls) {
                    held->tls->async_write_some(from, std::move(handler));
                } else {
                    held->socket.async_write_some(from, std::move(handler));
                }
            },
            token, buffers);
    }

    bool is_closed() const { return held_->closed; }
    void close() const {
        held_->closed = true;
        error_code ignored;
        held_->socket.close(ignored);
    }

private:
    struct Held {
        explicit Held(Socket s) : socket(std::move(s)) {}
        Socket socket;
        std::shared_ptr<asio::ssl::context> context;
        std::optional<asio::ssl::stream<Socket&>> tls;
        bool closed = false;
    };
    std::shared_ptr<Held> held_;
};

/// What a failed socket call means: our cancellation goes on as the exception that it is, a closed socket is Fault::gone, a refusal by
/// TLS is Fault::refused, all else Fault::unreachable.
Error judged(const Wire& wire, error_code failed, const std::string& doing);

/// A Wire as the rest of the house sees it.
class WireStream final : public Stream {
public:
    WireStream(Wire wire, Endpoint remote, std::string peer_sha256)
        : wire_(std::move(wire)), remote_(std::move(remote)), peer_sha256_(std::move(peer_sha256)) {}
    ~WireStream() override { wire_.close(); }
    Task<Result<std::size_t>> read_some(std::span<std::uint8_t> into) override;
    Task<Done> write(ByteView bytes) override;
    void close() override { wire_.close(); }
    Endpoint remote() const override { return remote_; }
    std::string peer_sha256() const override { return peer_sha256_; }
    Taken taken() const override;

private:
    Wire wire_;
    Endpoint remote_;
    std::string peer_sha256_;
};

/// SO_BINDTODEVICE. Fault::unreachable naming the interface.
Done bind_to_interface(int descriptor, const std::string& interface);

/// Keep-alive and TCP_USER_TIMEOUT: a peer whose cable is out is noticed within 30 s. No delay for small writes.
void watch_peer(int descriptor);

} // namespace gatehouse::net::inside
