// SPDX-License-Identifier: Apache-2.0
//
// One pretend device on loopback, in one thread with a client, a stream's reader and a listener for its pushes, all of plain sockets: what
// is compared are the bytes on the wire.
#pragma once

#include "tests/simulators/devices/isapi/face_terminal.hpp"
#include "tests/simulators/devices/isapi/plate_camera.hpp"
#include "tests/simulators/web/digest.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::simulators::isapi {

using web::digest_response;

using namespace std::chrono_literals;

/// An open socket that is closed with its owner.
class Socket {
public:
    explicit Socket(int number = -1) : number_(number) {}
    ~Socket() {
        if (number_ >= 0) ::close(number_);
    }
    Socket(Socket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    int number() const { return number_; }

private:
    int number_;
};

/// What came on a connection until now.
struct Heard {
    Socket socket;
    std::string bytes;
    bool is_over = false;
    int pieces = 0;

    void look() {
        char buffer[65536];
        const auto count = ::recv(socket.number(), buffer, sizeof buffer, MSG_DONTWAIT);
        if (count > 0) bytes.append(buffer, static_cast<std::size_t>(count)), ++pieces;
        if (count == 0 || (count < 0 && errno != EAGAIN)) is_over = true;
    }
    bool has(std::string_view text) const { return bytes.find(text) != std::string::npos; }
    std::string head() const { return bytes.substr(0, bytes.find("\r\n\r\n") + 2); }
    std::string body() const {
        const auto end = bytes.find("\r\n\r\n");
        return end == std::string::npos ? "" : bytes.substr(end + 4);
    }
    std::string header(std::string_view name) const {
        const auto text = head();
        const auto at = text.find("\r\n" + std::string(name) + ": ");
        if (at == std::string::npos) return "";
        const auto from = at + name.size() + 4;
        return text.substr(from, text.find("\r\n", from) - from);
    }
    int status() const { return bytes.size() > 12 ? std::atoi(bytes.c_str() + 9) : 0; }
    bool is_whole() const {
        if (!has("\r\n\r\n")) return false;
        const auto length = header("Content-Length");
        return !length.empty() && body().size() >= std::strtoull(length.c_str(), nullptr, 10);
    }
};

/// How often a text stands in another.
inline std::size_t count_in(std::string_view text, std::string_view what) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++count;
    return count;
}

inline sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

template <class D>
struct Bench {
    explicit Bench(Setup setup = {}) : setup_(with_listener(std::move(setup))), device(make()) { device.start(); }

    /// The event of most tests, at a time of its own.
    control::LedgerRow happen(boost::json::object what = {}) {
        if (!what.contains("at")) what["at"] = "2026-01-15T08:30:12+08:00";
        return device.event(what);
    }
    /// As the control server does it.
    void fault(const std::string& name, const boost::json::object& arguments = {}) {
        faults.set(name, arguments);
        if (device.fault_was_set(name, arguments)) faults.clear(name);
    }
    void mend(const std::string& name) {
        faults.clear(name);
        device.fault_was_cleared(name);
    }

    /// Lets the device work until it is so; ten seconds are a failure.
    template <class Until>
    void run_until(const Until& until) {
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (!until()) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            step();
        }
    }
    /// Long enough for what must not happen to have happened.
    void run_on(std::chrono::milliseconds time = 60ms) {
        const auto end = std::chrono::steady_clock::now() + time;
        while (std::chrono::steady_clock::now() < end) step();
    }
    void step() {
        if (io.stopped()) io.restart();
        io.run_one_for(1ms);
    }

    bool can_connect() { return connect().number() >= 0; }
    Socket connect() {
        Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto address = loopback(device.port());
        if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return Socket();
        return socket;
    }
    Heard send(const std::string& request) {
        Heard heard;
        heard.socket = connect();
        REQUIRE(heard.socket.number() >= 0);
        REQUIRE(::send(heard.socket.number(), request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
        return heard;
    }
    std::string request(const std::string& method, const std::string& target, const std::string& body, const std::string& authorization) {
        auto text = method + " " + target + " HTTP/1.1\r\nHost: device\r\n";
        if (!authorization.empty()) text += "Authorization: " + authorization + "\r\n";
        return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    Heard exchange(const std::string& method, const std::string& target, const std::string& body, const std::string& authorization) {
        auto heard = send(request(method, target, body, authorization));
        run_until([&] {
            heard.look();
            return heard.is_whole() || heard.is_over;
        });
        return heard;
    }
    std::string authorization(const std::string& method, const std::string& target, const std::string& password = "Gate-2024!") {
        char count[16];
        std::snprintf(count, sizeof count, "%08x", ++count_);
        const auto& realm = setup_.gate.realm;
        return "Digest username=\"admin\", realm=\"" + realm + "\", nonce=\"" + nonce_ + "\", uri=\"" + target + "\", qop=auth, nc=" + count +
               ", cnonce=\"0a4f113b\", response=\"" + digest_response("admin", realm, password, method, target, nonce_, count, "0a4f113b") + "\"";
    }
    void take_challenge(const Heard& refused) {
        const auto text = refused.header("WWW-Authenticate");
        const auto from = text.find("nonce=\"") + 7;
        nonce_ = text.substr(from, text.find('"', from) - from);
        count_ = 0;
    }
    /// With digest, challenged at the first time.
    Heard ask(const std::string& method, const std::string& target, const std::string& body = "") {
        if (nonce_.empty()) take_challenge(exchange(method, target, body, ""));
        return exchange(method, target, body, authorization(method, target));
    }
    Heard open_stream(const std::string& method = "GET", const std::string& path = "alertStream") {
        const auto target = "/ISAPI/Event/notification/" + path;
        if (nonce_.empty()) take_challenge(exchange("GET", target, "", ""));
        auto heard = send(request(method, target, "", authorization(method, target)));
        run_until([&] {
            heard.look();
            return heard.has("\r\n\r\n");
        });
        return heard;
    }
    void until_has(Heard& heard, std::string_view text) {
        INFO(text);
        run_until([&] {
            heard.look();
            return heard.has(text);
        });
    }
    void until_over(Heard& heard) {
        run_until([&] {
            heard.look();
            return heard.is_over;
        });
    }

    /// The next push, answered 200; whole, or as far as it came before the connection ended.
    Heard push() {
        Heard heard;
        run_until([&] {
            if (heard.socket.number() < 0) heard.socket = Socket(::accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (heard.socket.number() < 0) return false;
            heard.look();
            return heard.is_whole() || heard.is_over;
        });
        const std::string_view yes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        ::send(heard.socket.number(), yes.data(), yes.size(), MSG_NOSIGNAL);
        return heard;
    }
    bool is_pushing() {
        run_on();
        Socket socket(::accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        return socket.number() >= 0;
    }

private:
    Setup with_listener(Setup setup) {
        listener_ = Socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        auto address = loopback(0);
        socklen_t size = sizeof address;
        REQUIRE(::bind(listener_.number(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(listener_.number(), 64) == 0);
        REQUIRE(::getsockname(listener_.number(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
        setup.push_url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/hik/1";
        setup.picture_bytes = std::min<std::size_t>(setup.picture_bytes, 1500);
        return setup;
    }
    D make() {
        if constexpr (std::is_same_v<D, FaceTerminal>)
            return D(io, setup_, FaceTerminal::Habits(), ledger, faults);
        else
            return D(io, setup_, ledger, faults);
    }

    Socket listener_;
    Setup setup_;
    std::string nonce_;
    unsigned count_ = 0;

public:
    boost::asio::io_context io;
    control::Ledger ledger;
    control::Faults faults{1};
    D device;
};

using CameraBench = Bench<PlateCamera>;
using TerminalBench = Bench<FaceTerminal>;

} // namespace gatehouse::simulators::isapi
