// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/bridge.hpp"

#include "tests/harness/eventually.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <list>
#include <mutex>
#include <set>
#include <thread>

namespace gatehouse::harness {

namespace {

constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::size_t bridge_piece_bytes = 64 * 1024;

int listen_on_loopback(std::uint16_t& port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(listener, 16) != 0) throw Trouble("no port for a bridge");
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    return listener;
}

bool write_all_of(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// False: it ended.
bool read_more(int descriptor, std::string& into) {
    std::array<char, bridge_piece_bytes> piece{};
    const auto got = ::recv(descriptor, piece.data(), piece.size(), 0);
    if (got > 0) into.append(piece.data(), static_cast<std::size_t>(got));
    return got > 0;
}

std::string answer_of(const std::string& type, const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

std::size_t length_in(const std::string& head) {
    const auto at = head.find("Content-Length: ");
    return at == head.npos ? 0 : std::stoul(head.substr(at + 16));
}

} // namespace

struct Bridge::Inside {
    Inside(std::string to, std::string shown) : socket(std::move(to)), page(std::move(shown)), listener(listen_on_loopback(port)) {}

    void accept_all() {
        for (;;) {
            const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) return;
            const std::lock_guard lock(mutex);
            open.insert(client);
            conversations.emplace_back([this, client] { converse(client); });
        }
    }

    void converse(int client) {
        std::string asked;
        while (asked.find("\r\n\r\n") == asked.npos && asked.size() < head_bytes_max)
            if (!read_more(client, asked)) break;
        if (asked.starts_with("GET / ")) {
            write_all_of(client, answer_of("text/html", page));
        } else if (asked.starts_with("POST /said ")) {
            keep(client, std::move(asked));
            write_all_of(client, answer_of("text/plain", ""));
        } else if (asked.starts_with("GET /api/")) {
            relay(client, asked);
        } else { // a browser asks for an icon, and would keep what is relayed open for what the page says later
            write_all_of(client, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        const std::lock_guard lock(mutex);
        open.erase(client);
        ::close(client);
    }

    void keep(int client, std::string asked) {
        const auto body = asked.find("\r\n\r\n") + 4;
        while (asked.size() < body + length_in(asked))
            if (!read_more(client, asked)) return;
        const std::lock_guard lock(mutex);
        told.push_back(asked.substr(body));
    }

    void relay(int client, const std::string& asked) const {
        const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        std::strncpy(at.sun_path, socket.c_str(), sizeof at.sun_path - 1);
        bool goes_on = ::connect(server, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 && write_all_of(server, asked);
        while (goes_on) {
            std::array<pollfd, 2> both{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
            ::poll(both.data(), both.size(), -1);
            for (const std::size_t from : {std::size_t{0}, std::size_t{1}}) {
                std::string piece;
                if (both[from].revents != 0) goes_on = goes_on && read_more(both[from].fd, piece) && write_all_of(both[1 - from].fd, piece);
            }
        }
        ::close(server);
    }

    std::string socket, page;
    std::uint16_t port = 0;
    int listener;
    mutable std::mutex mutex;
    std::vector<std::string> told;
    std::set<int> open; ///< clients' ends
    std::list<std::thread> conversations;
    std::thread accepting;
};

Bridge::Bridge(std::string socket, std::string page) : inside_(std::make_unique<Inside>(std::move(socket), std::move(page))) {
    inside_->accepting = std::thread([this] { inside_->accept_all(); });
}

Bridge::~Bridge() {
    ::shutdown(inside_->listener, SHUT_RDWR);
    inside_->accepting.join();
    ::close(inside_->listener);
    {
        const std::lock_guard lock(inside_->mutex);
        for (const int client : inside_->open) ::shutdown(client, SHUT_RDWR);
    }
    for (auto& conversation : inside_->conversations) conversation.join();
}

std::uint16_t Bridge::port() const { return inside_->port; }

std::vector<std::string> Bridge::said() const {
    const std::lock_guard lock(inside_->mutex);
    return inside_->told;
}

} // namespace gatehouse::harness
