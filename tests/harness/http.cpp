// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/http.hpp"

#include <boost/beast/http.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gatehouse::harness {
namespace http = boost::beast::http;
namespace json = boost::json;
namespace {

class Socket {
public:
    explicit Socket(int family) : fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (fd < 0) throw Trouble("no socket");
    }
    ~Socket() { ::close(fd); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    const int fd;
};

template <typename Address>
void connect_to(const Socket& socket, const Address& address, const std::string& where) {
    if (::connect(socket.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw Trouble("can't reach " + where + ": " + std::strerror(errno));
}

std::string talk(const Socket& socket, const std::string& request, std::chrono::milliseconds within, const std::string& where) {
    const timeval limit{.tv_sec = within.count() / 1000, .tv_usec = within.count() % 1000 * 1000};
    ::setsockopt(socket.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    for (std::size_t sent = 0; sent < request.size();) {
        const auto now = ::send(socket.fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) throw Trouble(where + " does not take the request");
        sent += static_cast<std::size_t>(now);
    }
    std::string answer;
    char piece[65536];
    for (;;) {
        const auto now = ::recv(socket.fd, piece, sizeof piece, 0);
        if (now == 0) return answer;
        if (now < 0) throw Trouble(where + " does not answer: " + std::strerror(errno));
        answer.append(piece, static_cast<std::size_t>(now));
    }
}

HttpReply parsed(const std::string& text, const std::string& where) {
    http::response_parser<http::string_body> parser;
    parser.body_limit(std::numeric_limits<std::uint64_t>::max());
    parser.eager(true);
    boost::system::error_code error;
    std::size_t at = 0;
    while (!parser.is_done() && at < text.size()) {
        const auto used = parser.put(boost::asio::buffer(text.data() + at, text.size() - at), error);
        if (error || used == 0) break;
        at += used;
    }
    if (!error && !parser.is_done()) parser.put_eof(error);
    if (error || !parser.is_header_done()) throw Trouble(where + " gives no HTTP answer: '" + text.substr(0, 100) + "'");
    HttpReply reply{.status = parser.get().result_int(), .body = parser.get().body(), .headers = {}};
    for (const auto& field : parser.get()) {
        std::string name(field.name_string());
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        reply.headers.emplace(std::move(name), std::string(field.value()));
    }
    return reply;
}

json::value checked(const HttpReply& reply, std::string_view verb, std::string_view target) {
    if (reply.status < 200 || reply.status > 299)
        throw Trouble(std::string(verb) + " " + std::string(target) + " answered " + std::to_string(reply.status) + ": " + reply.body.substr(0, 300));
    return reply.body.empty() ? json::value() : reply.json();
}

} // namespace

json::value HttpReply::json() const {
    boost::system::error_code wrong;
    json::value value = json::parse(body, wrong);
    if (wrong) throw Trouble("not JSON: '" + body.substr(0, 200) + "'");
    return value;
}

HttpReply HttpPeer::ask(std::string_view verb, std::string_view target, std::string_view body, const std::map<std::string, std::string>& headers,
                        std::chrono::milliseconds within) const {
    std::string request = std::string(verb) + " " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
    if (!body.empty() && headers.count("Content-Type") == 0) request += "Content-Type: application/json\r\n";
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);

    const std::string where = path_.empty() ? "port " + std::to_string(port_) : path_;
    if (path_.empty()) {
        const Socket socket(AF_INET);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port_);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connect_to(socket, address, where);
        return parsed(talk(socket, request, within, where), where);
    }
    const Socket socket(AF_UNIX);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path) throw Trouble("the path of the socket is too long: " + path_);
    std::memcpy(address.sun_path, path_.data(), path_.size());
    connect_to(socket, address, where);
    return parsed(talk(socket, request, within, where), where);
}

json::value HttpPeer::get(std::string_view target) const { return checked(ask("GET", target), "GET", target); }

json::value HttpPeer::post(std::string_view target, const json::value& body) const {
    return checked(ask("POST", target, json::serialize(body)), "POST", target);
}

json::value HttpPeer::remove(std::string_view target) const { return checked(ask("DELETE", target), "DELETE", target); }

} // namespace gatehouse::harness
