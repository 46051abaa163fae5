// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile_streams/camera.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace gatehouse::hostile {

namespace {

constexpr int request_limit_ms = 2000;
constexpr int requests_max = 600; // some descriptions name hundreds of streams
constexpr std::size_t request_bytes_max = 64 * 1024;

bool send_all(int connection, const std::uint8_t* bytes, std::size_t count) {
    while (count > 0) {
        const auto sent = ::send(connection, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        count -= static_cast<std::size_t>(sent);
    }
    return true;
}

/// One request, without its body; empty: nothing came.
std::string next_request(int connection, std::string& held) {
    std::array<char, 4096> buffer{};
    for (;;) {
        if (const auto end = held.find("\r\n\r\n"); end != held.npos) {
            auto request = held.substr(0, end + 4);
            held.erase(0, end + 4);
            return request;
        }
        pollfd watched{connection, POLLIN, 0};
        if (held.size() > request_bytes_max || ::poll(&watched, 1, request_limit_ms) <= 0) return {};
        const auto got = ::recv(connection, buffer.data(), buffer.size(), 0);
        if (got <= 0) return {};
        held.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

void fill_in(std::string& text, const std::string& name, const std::string& value) {
    for (auto at = text.find(name); at != text.npos; at = text.find(name, at + value.size())) text.replace(at, name.size(), value);
}

} // namespace

HostileCamera::HostileCamera() {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listening_, 8) != 0 ||
        ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("no port for a hostile camera");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

HostileCamera::~HostileCamera() {
    ending_ = true;
    thread_.join();
    ::close(listening_);
}

void HostileCamera::play(Exchange exchange) {
    const std::lock_guard lock(mutex_);
    exchange_ = std::move(exchange);
}

void HostileCamera::run() {
    while (!ending_) {
        pollfd watched{listening_, POLLIN, 0};
        if (::poll(&watched, 1, 100) <= 0) continue;
        const int connection = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) continue;
        const timeval limit{5, 0};
        ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        converse(connection);
        ::close(connection);
    }
}

std::string HostileCamera::answer_to(const std::string& request, const Exchange& exchange) const {
    const auto method = request.substr(0, request.find(' '));
    const auto found = exchange.answers.find(method);
    auto text = found == exchange.answers.end() ? std::string("RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n\r\n") : found->second;
    const auto at = request.find("CSeq: ");
    fill_in(text, "{cseq}", at == request.npos ? "0" : request.substr(at + 6, request.find('\r', at) - at - 6));
    fill_in(text, "{port}", std::to_string(port_));
    return text;
}

void HostileCamera::converse(int connection) {
    Exchange exchange;
    {
        const std::lock_guard lock(mutex_);
        exchange = exchange_;
    }
    std::string held;
    for (int i = 0; i < requests_max; ++i) {
        const auto request = next_request(connection, held);
        if (request.empty()) return;
        const auto answer = answer_to(request, exchange);
        if (!send_all(connection, reinterpret_cast<const std::uint8_t*>(answer.data()), answer.size())) return;
        if (!request.starts_with("PLAY ")) continue;
        ++played_;
        send_all(connection, exchange.after_play.data(), exchange.after_play.size());
        break;
    }
    // What is on its way arrives: an end, not a reset.
    ::shutdown(connection, SHUT_WR);
    for (int i = 0; i < 8 && !next_request(connection, held).empty(); ++i) continue;
}

} // namespace gatehouse::hostile
