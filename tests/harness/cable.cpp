// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/cable.hpp"

#include "tests/harness/eventually.hpp"
#include "tests/harness/ports.hpp"

#include <algorithm>
#include <atomic>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gatehouse::harness {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::size_t held_bytes_max = 256 * 1024;
constexpr std::size_t kept_bytes_max = 256u * 1024 * 1024;

enum class State { whole, cut, hanging, hanging_downward };

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// One way of one connection.
struct Lane {
    int from = -1, to = -1;
    std::string held;
    bool is_closed = false; // the sender has finished; passed on when `held` is empty
    bool was_passed_on = false;
};

struct Pair {
    int client = -1, server = -1;
    Lane up, down;
    bool is_dead = false;
};

void reset_and_close(int socket) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(socket);
}

} // namespace

struct Cable::Inside {
    explicit Inside(std::uint16_t server_port) : server(server_port), port(free_port()) {
        listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        const int yes = 1;
        ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        const sockaddr_in address = loopback(port);
        if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 64) != 0)
            throw Trouble("a cable can't listen on port " + std::to_string(port));
        thread = std::thread([this] { run(); });
    }
    ~Inside() {
        stopping = true;
        thread.join();
        ::close(listener);
    }

    void run();
    void accept_one();
    void move_bytes(Lane& lane, bool is_up, short events_from, short events_to, Pair& pair);

    const std::uint16_t server, port;
    int listener = -1;
    std::atomic<State> state{State::whole};
    std::atomic<bool> stopping{false};
    std::atomic<std::uint64_t> speed{0}, up{0}, down{0}, connections{0};
    std::uint64_t budget = 0;
    mutable std::mutex bytes_mutex;
    std::string up_bytes, down_bytes;
    std::list<Pair> pairs;
    std::thread thread;
};

void Cable::Inside::accept_one() {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) return;
    if (state == State::cut) return reset_and_close(client);
    // Loopback connects at once or not at all, so this may block a moment.
    const int upstream = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(server);
    if (::connect(upstream, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(upstream);
        return reset_and_close(client);
    }
    ::fcntl(upstream, F_SETFL, O_NONBLOCK);
    const int yes = 1;
    for (const int socket : {client, upstream}) ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ++connections;
    pairs.push_back({.client = client,
                     .server = upstream,
                     .up = {.from = client, .to = upstream, .held = {}},
                     .down = {.from = upstream, .to = client, .held = {}}});
}

void Cable::Inside::move_bytes(Lane& lane, bool is_up, short events_from, short events_to, Pair& pair) {
    if ((events_from & (POLLIN | POLLHUP | POLLERR)) && !lane.is_closed && lane.held.size() < held_bytes_max) {
        char piece[piece_bytes];
        const std::size_t want = speed == 0 ? sizeof piece : static_cast<std::size_t>(std::min<std::uint64_t>(sizeof piece, budget));
        const auto got = want == 0 ? -2 : ::recv(lane.from, piece, want, 0);
        if (got > 0) {
            lane.held.append(piece, static_cast<std::size_t>(got));
            if (speed != 0) budget -= static_cast<std::uint64_t>(got);
            (is_up ? up : down) += static_cast<std::uint64_t>(got);
            const std::lock_guard lock(bytes_mutex);
            std::string& kept = is_up ? up_bytes : down_bytes;
            if (kept.size() < kept_bytes_max) kept.append(piece, static_cast<std::size_t>(got));
        } else if (got == 0) {
            lane.is_closed = true;
        } else if (got == -1 && errno != EAGAIN && errno != EINTR) {
            pair.is_dead = true;
        }
    }
    if (!lane.held.empty() && (events_to & (POLLOUT | POLLERR | POLLHUP))) {
        const auto put = ::send(lane.to, lane.held.data(), lane.held.size(), MSG_NOSIGNAL);
        if (put > 0) lane.held.erase(0, static_cast<std::size_t>(put));
        if (put < 0 && errno != EAGAIN && errno != EINTR) pair.is_dead = true;
    }
    if (lane.is_closed && lane.held.empty() && !lane.was_passed_on) {
        ::shutdown(lane.to, SHUT_WR);
        lane.was_passed_on = true;
    }
}

void Cable::Inside::run() {
    auto last_budget = std::chrono::steady_clock::now();
    while (!stopping) {
        const State now = state;
        std::vector<pollfd> watched{{.fd = listener, .events = POLLIN, .revents = 0}};
        const auto wish = [now](const Lane& in, const Lane& out, bool in_is_up) {
            const bool reads = now == State::whole || (now == State::hanging_downward && in_is_up);
            const bool writes = now == State::whole || (now == State::hanging_downward && !in_is_up);
            short events = 0;
            if (reads && !in.is_closed && in.held.size() < held_bytes_max) events |= POLLIN;
            if (writes && !out.held.empty()) events |= POLLOUT;
            return events;
        };
        for (const Pair& pair : pairs) {
            watched.push_back({.fd = pair.client, .events = wish(pair.up, pair.down, true), .revents = 0});
            watched.push_back({.fd = pair.server, .events = wish(pair.down, pair.up, false), .revents = 0});
        }
        // A hanging cable wants no events, and poll would still report a hang-up again and again.
        for (std::size_t i = 1; i < watched.size(); ++i)
            if (watched[i].events == 0) watched[i].fd = -1 - watched[i].fd;
        ::poll(watched.data(), watched.size(), 10);

        const auto moment = std::chrono::steady_clock::now();
        if (speed != 0) {
            const auto earned = static_cast<std::uint64_t>(std::chrono::duration<double>(moment - last_budget).count() * static_cast<double>(speed));
            budget = std::min<std::uint64_t>(budget + earned, speed / 4 + 1);
            if (earned > 0) last_budget = moment;
            if (budget == 0) std::this_thread::sleep_for(1ms);
        }
        std::size_t i = 1;
        for (Pair& pair : pairs) {
            const short from_client = watched[i++].revents, from_server = watched[i++].revents;
            if (now == State::cut) pair.is_dead = true;
            if (now == State::whole || now == State::hanging_downward) move_bytes(pair.up, true, from_client, POLLOUT, pair);
            if (now == State::whole) move_bytes(pair.down, false, from_server, POLLOUT, pair);
            if (pair.up.was_passed_on && pair.down.was_passed_on) pair.is_dead = true;
        }
        pairs.remove_if([](const Pair& pair) {
            if (!pair.is_dead) return false;
            reset_and_close(pair.client);
            reset_and_close(pair.server);
            return true;
        });
        if (watched[0].revents & POLLIN) accept_one();
    }
    for (const Pair& pair : pairs) {
        ::close(pair.client);
        ::close(pair.server);
    }
}

Cable::Cable(std::uint16_t server) : inside_(std::make_unique<Inside>(server)) {}
Cable::~Cable() = default;
std::uint16_t Cable::port() const { return inside_->port; }

void Cable::cut() {
    inside_->state = State::cut;
    std::this_thread::sleep_for(15ms); // the relay's own round: when this returns the connections are gone
}
void Cable::hang() { inside_->state = State::hanging; }
void Cable::hang_downward() { inside_->state = State::hanging_downward; }
void Cable::mend() { inside_->state = State::whole; }
void Cable::set_speed(std::uint64_t bytes_per_s) { inside_->speed = bytes_per_s; }

std::string Cable::sent_up() const {
    const std::lock_guard lock(inside_->bytes_mutex);
    return inside_->up_bytes;
}
std::string Cable::sent_down() const {
    const std::lock_guard lock(inside_->bytes_mutex);
    return inside_->down_bytes;
}
std::uint64_t Cable::bytes_up() const { return inside_->up; }
std::uint64_t Cable::bytes_down() const { return inside_->down; }
std::uint64_t Cable::connections_made() const { return inside_->connections; }

void Cable::forget_bytes() {
    const std::lock_guard lock(inside_->bytes_mutex);
    inside_->up_bytes.clear();
    inside_->down_bytes.clear();
}

} // namespace gatehouse::harness
