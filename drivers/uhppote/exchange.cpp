// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/exchange.hpp"

#include "drivers/uhppote/get_device.hpp"

namespace gatehouse::drivers::uhppote {

namespace {
constexpr Duration second_opening_within = std::chrono::seconds(3);
constexpr int openings_max = 2;
} // namespace

// The right to have the one question outstanding; given back by its destructor, also on cancellation.
class Exchange::Turn {
public:
    Turn(Exchange& exchange, bool door) : exchange_(exchange), door_(door) {
        if (door_) ++exchange_.doors_waiting_;
    }
    ~Turn() {
        if (waits_ && door_) --exchange_.doors_waiting_;
        if (!waits_) {
            exchange_.taken_ = false;
            exchange_.quiet_until_ = exchange_.surroundings_.clock.steady_now() + request_pause;
        }
        exchange_.given_back_.set();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    Task<void> come() {
        // The pause is waited for without the turn, so that a door that comes meanwhile still goes first.
        auto& clock = exchange_.surroundings_.clock;
        while (must_wait() || clock.steady_now() < exchange_.quiet_until_) {
            if (!must_wait()) {
                co_await clock.sleep_until(exchange_.quiet_until_);
                continue;
            }
            exchange_.given_back_.reset();
            co_await exchange_.given_back_.wait();
        }
        exchange_.taken_ = true;
        waits_ = false;
        if (door_) --exchange_.doors_waiting_;
    }

private:
    bool must_wait() const { return exchange_.taken_ || (!door_ && exchange_.doors_waiting_ > 0); }

    Exchange& exchange_;
    bool door_;
    bool waits_ = true;
};

Exchange::Exchange(const Surroundings& surroundings, const DeviceInfo& device) : surroundings_(surroundings), device_(device) {}

net::Endpoint Exchange::address() const {
    return net::Endpoint{device_.address.host, device_.address.port == 0 ? controller_port : device_.address.port};
}

Task<Result<Packet>> Exchange::receive_answer(net::DatagramSocket& socket, Function function, std::uint32_t serial) {
    for (;;) {
        auto datagram = co_await socket.receive();
        if (!datagram) co_return std::move(datagram).error();
        if (datagram->from != address()) {
            ++counters_.strays;
            continue;
        }
        auto packet = read_reply(datagram->bytes, function);
        if (!packet) {
            ++counters_.malformed;
            continue;
        }
        if (serial != 0 && serial_of(*packet) != serial) {
            ++counters_.strays;
            continue;
        }
        co_return std::move(packet);
    }
}

Task<Result<Packet>> Exchange::ask(Packet request, bool opens_a_door) {
    Turn turn(*this, opens_a_door);
    co_await turn.come();
    const net::Endpoint anywhere;
    auto socket = surroundings_.network.open_datagrams(anywhere, device_.binding);
    if (!socket) co_return std::move(socket).error();
    const auto function = static_cast<Function>(request[1]);
    const auto malformed_before = counters_.malformed;
    const auto begun = surroundings_.clock.steady_now();
    ++counters_.asked;
    for (int tries = 1;; ++tries) {
        Bytes bytes(request.begin(), request.end());
        auto sent = co_await (*socket)->send(address(), std::move(bytes));
        if (!sent) co_return std::move(sent).error().during("asking controller " + std::to_string(device_.serial));
        auto answer = receive_answer(**socket, function, device_.serial);
        std::string doing = "controller " + std::to_string(device_.serial) + " at " + net::to_text(address());
        auto packet = co_await within<Packet>(surroundings_.clock, reply_wait, std::move(doing), std::move(answer));
        if (packet) co_return std::move(packet);
        if (packet.error().fault() != Fault::timed_out) co_return std::move(packet).error();
        const bool too_late = opens_a_door && surroundings_.clock.steady_now() - begun >= second_opening_within;
        if (tries >= (opens_a_door ? openings_max : tries_max) || too_late) {
            ++counters_.unanswered;
            // Newer boards of the same maker answer on this port in a scrambled form.
            if (counters_.malformed > malformed_before)
                co_return Error(Fault::unsupported, "what answers at " + net::to_text(address()) + " does not speak this protocol");
            co_return std::move(packet).error();
        }
        ++counters_.repeated;
    }
}

Task<std::optional<std::uint32_t>> Exchange::who_is_there() {
    Turn turn(*this, false);
    co_await turn.come();
    const net::Endpoint anywhere;
    auto socket = surroundings_.network.open_datagrams(anywhere, device_.binding);
    if (!socket) co_return std::nullopt;
    const auto request = encode_get_device(0);
    Bytes bytes(request.begin(), request.end());
    auto sent = co_await (*socket)->send(address(), std::move(bytes));
    if (!sent) co_return std::nullopt;
    auto answer = receive_answer(**socket, static_cast<Function>(request[1]), 0);
    std::string doing = "who is at " + net::to_text(address());
    auto packet = co_await within<Packet>(surroundings_.clock, reply_wait, std::move(doing), std::move(answer));
    if (!packet) co_return std::nullopt;
    co_return serial_of(*packet);
}

} // namespace gatehouse::drivers::uhppote
