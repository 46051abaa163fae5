// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/sim_network.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <vector>

namespace gatehouse::fakes {

using net::Datagram;
using net::Endpoint;

namespace {

constexpr std::size_t pipe_bytes_max = 64 * 1024;
constexpr std::size_t datagrams_waiting_max = 256;
constexpr Duration silence_max = std::chrono::seconds(30);

/// One direction of a stream.
struct Pipe {
    struct Parcel {
        Instant arrives;
        Bytes bytes;
    };
    std::deque<Parcel> on_the_way;
    std::string arrived;
    std::size_t bytes = 0; ///< on the way and arrived
    bool writer_closed = false;
    bool reader_closed = false;
    bool end_arrived = false;
    bool broken = false;
    Event changed;
};

/// Both directions of one stream, and the host at its far end.
struct Link {
    std::string host;
    Pipe to_server;
    Pipe to_client;
};

bool is_broadcast(const std::string& host) { return host.ends_with(".255"); }
bool is_any(const std::string& host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

struct Box {
    Endpoint local;
    std::deque<Datagram> arrived;
    Event changed;
    bool closed = false;
};

} // namespace

struct SimNetwork::Inside : std::enable_shared_from_this<Inside> {
    Inside(Loop& l, Clock& c, Entropy& e, std::string h) : loop(l), clock(c), entropy(e), home(std::move(h)), tasks(l) {}
    Loop& loop;
    Clock& clock;
    Entropy& entropy;
    std::string home;
    TaskGroup tasks;
    std::map<std::string, Server> servers;
    std::vector<std::weak_ptr<Link>> links;
    std::vector<std::weak_ptr<Box>> boxes;
    std::map<std::string, Instant> cut_off; ///< since when
    Duration delay{};
    unsigned loss_per_mille = 0;
    std::uint64_t connections = 0;
    std::uint16_t next_port = 40'000;

    bool is_cut(const std::string& host) const { return cut_off.contains(host); }

    /// Moves what is due into the reader's hands.
    void deliver(Link& link) {
        if (is_cut(link.host)) return;
        for (auto* pipe : {&link.to_server, &link.to_client}) {
            while (!pipe->on_the_way.empty() && pipe->on_the_way.front().arrives <= clock.steady_now()) {
                pipe->arrived.append(as_text(pipe->on_the_way.front().bytes));
                pipe->on_the_way.pop_front();
            }
            if (pipe->on_the_way.empty() && pipe->writer_closed) pipe->end_arrived = true;
            pipe->changed.set();
        }
    }

    void send(const std::shared_ptr<Link>& link, Pipe& pipe, ByteView bytes) {
        Instant arrives = clock.steady_now() + delay;
        if (!pipe.on_the_way.empty()) arrives = std::max(arrives, pipe.on_the_way.back().arrives);
        pipe.on_the_way.push_back(Pipe::Parcel{arrives, Bytes(bytes.begin(), bytes.end())});
        pipe.bytes += bytes.size();
        if (arrives <= clock.steady_now()) {
            deliver(*link);
        } else {
            tasks.spawn("courier", carry(shared_from_this(), link, arrives));
        }
    }

    static Task<void> carry(std::shared_ptr<Inside> self, std::shared_ptr<Link> link, Instant arrives) {
        co_await self->clock.sleep_until(arrives);
        self->deliver(*link);
    }

    void break_link(Link& link) {
        for (auto* pipe : {&link.to_server, &link.to_client}) {
            pipe->broken = true;
            pipe->changed.set();
        }
    }

    std::vector<std::shared_ptr<Link>> links_to(const std::string& host) {
        std::vector<std::shared_ptr<Link>> found;
        std::erase_if(links, [](const auto& link) { return link.expired(); });
        for (const auto& weak : links)
            if (auto link = weak.lock(); link && (host.empty() || link->host == host)) found.push_back(std::move(link));
        return found;
    }

    static Task<void> break_after_silence(std::shared_ptr<Inside> self, std::string host) {
        co_await self->clock.sleep_for(silence_max);
        const auto cut = self->cut_off.find(host);
        if (cut != self->cut_off.end() && cut->second + silence_max <= self->clock.steady_now())
            for (const auto& link : self->links_to(host)) self->break_link(*link);
    }

    std::string sender_of(const Box& box) const { return is_any(box.local.host) ? home : box.local.host; }

    bool is_for(const Box& box, const Box& from, const Endpoint& to) const {
        if (box.closed || box.local.port != to.port) return false;
        if (is_broadcast(to.host)) return &box != &from;
        return sender_of(box) == to.host || (to.host.starts_with("127.") && &box != &from && is_any(box.local.host));
    }

    void post(const Box& from, const Endpoint& to, const Bytes& bytes) {
        std::erase_if(boxes, [](const auto& box) { return box.expired(); });
        Datagram datagram{Endpoint{sender_of(from), from.local.port}, bytes};
        if (datagram.bytes.size() > net::datagram_bytes_max) datagram.bytes.resize(net::datagram_bytes_max);
        for (const auto& weak : boxes) {
            const auto box = weak.lock();
            if (!box || !is_for(*box, from, to)) continue;
            if (is_cut(sender_of(*box)) || is_cut(datagram.from.host)) continue;
            if (loss_per_mille > 0 && entropy.below(1000) < loss_per_mille) continue;
            tasks.spawn("postman", bring(shared_from_this(), box, datagram, clock.steady_now() + delay));
        }
    }

    static Task<void> bring(std::shared_ptr<Inside> self, std::shared_ptr<Box> box, Datagram datagram, Instant arrives) {
        if (arrives > self->clock.steady_now()) co_await self->clock.sleep_until(arrives);
        if (box->closed || box->arrived.size() >= datagrams_waiting_max) co_return;
        box->arrived.push_back(std::move(datagram));
        box->changed.set();
    }
};

namespace {

class SimStream final : public net::Stream {
public:
    SimStream(std::shared_ptr<SimNetwork::Inside> network, std::shared_ptr<Link> link, bool is_client, Endpoint remote)
        : network_(std::move(network)), link_(std::move(link)), is_client_(is_client), remote_(std::move(remote)) {}
    ~SimStream() override { close(); }

    Task<Result<std::size_t>> read_some(std::span<std::uint8_t> into) override {
        auto link = link_;
        auto network = network_;
        auto& pipe = is_client_ ? link->to_client : link->to_server;
        for (;;) {
            if (pipe.reader_closed) co_return Error(Fault::gone, "reading: closed");
            if (!pipe.arrived.empty()) {
                const auto bytes = std::min(into.size(), pipe.arrived.size());
                std::copy_n(pipe.arrived.begin(), bytes, into.begin());
                pipe.arrived.erase(0, bytes);
                pipe.bytes -= bytes;
                pipe.changed.set();
                co_return bytes;
            }
            if (pipe.broken) co_return Error(Fault::unreachable, "reading: connection reset");
            if (pipe.end_arrived) co_return std::size_t{0};
            pipe.changed.reset();
            co_await pipe.changed.wait();
        }
    }

    Task<Done> write(ByteView bytes) override {
        auto link = link_;
        auto network = network_;
        auto& pipe = is_client_ ? link->to_server : link->to_client;
        while (!bytes.empty()) {
            if (pipe.writer_closed) co_return Error(Fault::gone, "writing: closed");
            if (pipe.broken || pipe.reader_closed) co_return Error(Fault::unreachable, "writing: connection reset");
            const auto room = pipe.bytes < pipe_bytes_max ? pipe_bytes_max - pipe.bytes : 0;
            if (room == 0) {
                pipe.changed.reset();
                co_await pipe.changed.wait();
                continue;
            }
            const auto piece = bytes.first(std::min(room, bytes.size()));
            network->send(link, pipe, piece);
            bytes = bytes.subspan(piece.size());
        }
        co_return Done();
    }

    void close() override {
        auto& mine = is_client_ ? link_->to_server : link_->to_client;
        auto& theirs = is_client_ ? link_->to_client : link_->to_server;
        if (mine.writer_closed) return;
        mine.writer_closed = true;
        theirs.reader_closed = true;
        theirs.changed.set();
        mine.changed.set();
        network_->deliver(*link_);
    }

    Endpoint remote() const override { return remote_; }

private:
    std::shared_ptr<SimNetwork::Inside> network_;
    std::shared_ptr<Link> link_;
    bool is_client_;
    Endpoint remote_;
};

class SimDatagrams final : public net::DatagramSocket {
public:
    SimDatagrams(std::shared_ptr<SimNetwork::Inside> network, std::shared_ptr<Box> box) : network_(std::move(network)), box_(std::move(box)) {}
    ~SimDatagrams() override { close(); }

    Task<Result<Datagram>> receive() override {
        auto box = box_;
        for (;;) {
            if (box->closed) co_return Error(Fault::gone, "receiving datagrams: closed");
            if (!box->arrived.empty()) {
                Datagram datagram = std::move(box->arrived.front());
                box->arrived.pop_front();
                co_return datagram;
            }
            box->changed.reset();
            co_await box->changed.wait();
        }
    }

    Task<Done> send(Endpoint to, Bytes bytes) override {
        if (box_->closed) co_return Error(Fault::gone, "sending: closed");
        network_->post(*box_, to, bytes);
        co_return Done();
    }

    Endpoint local() const override { return box_->local; }
    void close() override {
        box_->closed = true;
        box_->changed.set();
    }

private:
    std::shared_ptr<SimNetwork::Inside> network_;
    std::shared_ptr<Box> box_;
};

Task<void> serve(SimNetwork::Server server, std::unique_ptr<net::Stream> stream) { co_await server(std::move(stream)); }

} // namespace

SimNetwork::SimNetwork(Loop& loop, Clock& clock, Entropy& entropy, std::string home)
    : inside_(std::make_shared<Inside>(loop, clock, entropy, std::move(home))) {}

SimNetwork::~SimNetwork() {
    for (const auto& link : inside_->links_to("")) inside_->break_link(*link);
    inside_->tasks.cancel();
    while (inside_->tasks.size() > 0 && inside_->loop.poll() > 0) {
    }
}

Task<Result<std::unique_ptr<net::Stream>>> SimNetwork::connect(Endpoint to, net::Binding, std::optional<net::TlsOptions>, Duration limit) {
    auto inside = inside_;
    const std::string doing = "connecting to " + net::to_text(to);
    const Duration round_trip = inside->delay * 2;
    if (inside->is_cut(to.host) || round_trip > limit) {
        co_await inside->clock.sleep_for(limit);
        co_return Error(Fault::timed_out, doing + ": no answer");
    }
    if (round_trip > Duration::zero()) co_await inside->clock.sleep_for(round_trip);
    const auto found = inside->servers.find(net::to_text(to));
    if (found == inside->servers.end()) co_return Error(Fault::unreachable, doing + ": connection refused");
    auto link = std::make_shared<Link>();
    link->host = to.host;
    inside->links.push_back(link);
    ++inside->connections;
    const Endpoint from{inside->home, inside->next_port++};
    inside->tasks.spawn("server at " + net::to_text(to), serve(found->second, std::make_unique<SimStream>(inside, link, false, from)));
    co_return std::unique_ptr<net::Stream>(std::make_unique<SimStream>(inside, link, true, std::move(to)));
}

Result<std::unique_ptr<net::DatagramSocket>> SimNetwork::open_datagrams(Endpoint bind_to, net::Binding) {
    auto box = std::make_shared<Box>();
    box->local = std::move(bind_to);
    if (box->local.port == 0) box->local.port = inside_->next_port++;
    if (box->local.host.empty()) box->local.host = "0.0.0.0";
    for (const auto& weak : inside_->boxes)
        if (const auto other = weak.lock(); other && !other->closed && other->local == box->local)
            return Error(Fault::busy, "opening UDP at " + net::to_text(box->local) + ": taken");
    inside_->boxes.push_back(box);
    return std::unique_ptr<net::DatagramSocket>(std::make_unique<SimDatagrams>(inside_, std::move(box)));
}

void SimNetwork::listen(Endpoint at, Server server) { inside_->servers[net::to_text(at)] = std::move(server); }
void SimNetwork::stop_listening(const Endpoint& at) { inside_->servers.erase(net::to_text(at)); }
void SimNetwork::set_delay(Duration delay) { inside_->delay = delay; }
void SimNetwork::set_loss(unsigned per_mille) { inside_->loss_per_mille = per_mille; }

void SimNetwork::cut(const std::string& host) {
    if (inside_->cut_off.emplace(host, inside_->clock.steady_now()).second)
        inside_->tasks.spawn("silence of " + host, Inside::break_after_silence(inside_, host));
}

void SimNetwork::mend(const std::string& host) {
    inside_->cut_off.erase(host);
    for (const auto& link : inside_->links_to(host)) inside_->deliver(*link);
}

void SimNetwork::reset(const std::string& host) {
    for (const auto& link : inside_->links_to(host)) inside_->break_link(*link);
}

std::uint64_t SimNetwork::connections_made() const { return inside_->connections; }

std::size_t SimNetwork::streams_open(const std::string& host) const {
    const auto links = inside_->links_to(host);
    return static_cast<std::size_t>(std::count_if(links.begin(), links.end(), [](const auto& link) {
        return !link->to_server.broken && !link->to_server.writer_closed && !link->to_client.writer_closed;
    }));
}

} // namespace gatehouse::fakes
