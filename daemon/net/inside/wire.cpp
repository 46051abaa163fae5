// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/inside/wire.hpp"

#include "daemon/net/inside/tcp_state.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace gatehouse::net::inside {

namespace {
constexpr int keep_alive_idle_s = 10;
constexpr int keep_alive_interval_s = 5;
constexpr int keep_alive_probes_max = 4;
constexpr unsigned unacknowledged_ms_max = 30'000;

template <class Value>
void set_option(int descriptor, int level, int name, Value value) {
    setsockopt(descriptor, level, name, &value, sizeof(value));
}
} // namespace

Error judged(const Wire& wire, error_code failed, const std::string& doing) {
    if (wire.is_closed()) return Error(Fault::gone, doing + ": closed");
    if (failed == asio::error::operation_aborted) throw boost::system::system_error(failed);
    const bool is_tls = failed.category() == asio::error::get_ssl_category();
    return Error(is_tls ? Fault::refused : Fault::unreachable, doing + ": " + failed.message());
}

Task<Result<std::size_t>> WireStream::read_some(std::span<std::uint8_t> into) {
    auto wire = wire_; // outlives this object while somebody waits
    const std::string doing = "reading from " + to_text(remote_);
    if (wire.is_closed()) co_return Error(Fault::gone, doing + ": closed");
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    const auto buffer = asio::buffer(into.data(), into.size());
    const std::size_t bytes = co_await wire.async_read_some(buffer, token);
    if (!failed) co_return bytes;
    // Devices close TLS without saying so; who must know whether all came, counts.
    if (failed == asio::error::eof || failed == asio::ssl::error::stream_truncated) co_return std::size_t{0};
    co_return judged(wire, failed, doing);
}

Task<Done> WireStream::write(ByteView bytes) {
    auto wire = wire_;
    const std::string doing = "writing to " + to_text(remote_);
    if (wire.is_closed()) co_return Error(Fault::gone, doing + ": closed");
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    const auto buffer = asio::buffer(bytes.data(), bytes.size());
    co_await asio::async_write(wire, buffer, token);
    if (failed) co_return judged(wire, failed, doing);
    co_return Done();
}

Taken WireStream::taken() const {
    if (wire_.is_closed()) return {};
    const auto state = tcp_state(wire_.socket().native_handle());
    return Taken{state.acknowledged_bytes, state.is_waiting};
}

Done bind_to_interface(int descriptor, const std::string& interface) {
    if (interface.empty()) return {};
    if (setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(), static_cast<socklen_t>(interface.size() + 1)) == 0) return {};
    if (errno == ENODEV) return Error(Fault::unreachable, "network interface '" + interface + "' does not exist");
    return Error(Fault::unreachable,
                 "binding to network interface '" + interface + "': " + error_code(errno, boost::system::system_category()).message());
}

void watch_peer(int descriptor) {
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, keep_alive_idle_s);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, keep_alive_interval_s);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, keep_alive_probes_max);
    set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, unacknowledged_ms_max);
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
}

} // namespace gatehouse::net::inside
