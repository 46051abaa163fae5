// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/listener.hpp"

#include "daemon/base/backoff.hpp"
#include "daemon/base/log.hpp"

#include <algorithm>

namespace gatehouse::drivers::uhppote {

bool Inbox::offer(const Status& status, Time now, Instant steady) {
    heard_at = now;
    heard_steady = steady;
    filled.set();
    if (last_ == status.event) {
        ++heartbeats;
        return true;
    }
    if (waiting_.size() >= inbox_events_max) {
        ++dropped;
        return false;
    }
    last_ = status.event;
    waiting_.push_back(Pushed{.event = status.event, .heard_at = now});
    return true;
}

std::optional<Pushed> Inbox::take() {
    if (waiting_.empty()) return std::nullopt;
    const Pushed first = waiting_.front();
    waiting_.pop_front();
    return first;
}

void Inbox::clear() {
    waiting_.clear();
    last_.reset();
}

Listener::Listener(Surroundings surroundings, Options options) : surroundings_(surroundings), options_(std::move(options)) {}
Listener::~Listener() = default;

Done Listener::open() {
    auto socket = surroundings_.network.open_datagrams(options_.bind_to, options_.binding);
    if (!socket) {
        fault_ = socket.error().what();
        return std::move(socket).error().during("opening the port for controllers' events");
    }
    socket_ = std::move(*socket);
    fault_.clear();
    return {};
}

std::optional<ListenerAddress> Listener::announced() const {
    if (!socket_) return std::nullopt;
    const auto ip = parse_ip(options_.announced.host);
    if (!ip) return std::nullopt;
    ListenerAddress address;
    address.ip = *ip;
    address.port = options_.announced.port != 0 ? options_.announced.port : socket_->local().port;
    if (address.is_free()) return std::nullopt;
    return address;
}

std::unique_ptr<Listener::Registration> Listener::join(std::uint32_t serial, std::string host, Inbox& inbox) {
    std::pair<std::uint32_t, std::string> who(serial, std::move(host));
    inboxes_[who] = &inbox;
    return std::make_unique<Registration>(*this, std::move(who));
}

void Listener::hear(const net::Datagram& datagram) {
    ++counters_.heard;
    const auto status = decode_event_datagram(datagram.bytes);
    if (!status) {
        ++counters_.malformed;
        return;
    }
    const auto found = inboxes_.find(std::pair(status->serial, datagram.from.host));
    if (found != inboxes_.end()) {
        found->second->offer(*status, surroundings_.clock.now(), surroundings_.clock.steady_now());
        return;
    }
    const bool known = std::any_of(inboxes_.begin(), inboxes_.end(), [&](const auto& row) { return row.first.first == status->serial; });
    ++(known ? counters_.wrong_source : counters_.unknown_serial);
}

Task<void> Listener::run() {
    Backoff backoff(Backoff::Options(), surroundings_.entropy);
    for (;;) {
        if (!socket_) {
            if (const auto opened = open(); !opened) {
                log::warning("uhppote", "no port for controllers' events", {{"what", opened.error().what()}});
                const auto wait = backoff.after(Duration::zero());
                co_await surroundings_.clock.sleep_for(wait);
                continue;
            }
        }
        const auto since = surroundings_.clock.steady_now();
        auto datagram = co_await socket_->receive();
        if (datagram) {
            hear(*datagram);
            continue;
        }
        fault_ = datagram.error().what();
        socket_.reset();
        const auto wait = backoff.after(surroundings_.clock.steady_now() - since);
        co_await surroundings_.clock.sleep_for(wait);
    }
}

namespace {

Task<void> collect(net::DatagramSocket& socket, std::vector<Discovered>& found) {
    while (found.size() < discovered_max) {
        auto datagram = co_await socket.receive();
        if (!datagram) co_return;
        auto reply = decode_get_device(datagram->bytes);
        if (!reply) continue;
        const bool known = std::any_of(found.begin(), found.end(), [&](const Discovered& other) { return other.device.serial == reply->serial; });
        if (!known) found.push_back(Discovered{.device = std::move(*reply), .address = datagram->from});
    }
}

} // namespace

Task<Result<std::vector<Discovered>>> discover(Surroundings surroundings, net::Endpoint to, net::Binding binding) {
    if (to.port == 0) to.port = 60000;
    const net::Endpoint anywhere;
    auto socket = surroundings.network.open_datagrams(anywhere, std::move(binding));
    if (!socket) co_return std::move(socket).error();
    const auto request = encode_get_device(0);
    Bytes bytes(request.begin(), request.end());
    auto sent = co_await (*socket)->send(std::move(to), std::move(bytes));
    if (!sent) co_return std::move(sent).error();
    std::vector<Discovered> found;
    auto collecting = collect(**socket, found);
    co_await finish_within(surroundings.clock, discovery_wait, std::move(collecting));
    co_return std::move(found);
}

} // namespace gatehouse::drivers::uhppote
