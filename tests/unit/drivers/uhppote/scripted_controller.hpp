// SPDX-License-Identifier: Apache-2.0
//
// A controller and a network that exist in memory only, written from the protocol's description and not from the driver: bytes are laid
// out by hand here. What goes wrong is a member that a test sets.
#pragma once

#include "daemon/net/network.hpp"
#include "tests/fakes/sim_clock.hpp"

#include <deque>
#include <functional>
#include <map>

namespace gatehouse::tests {

struct PastEvent {
    std::uint8_t type = 1, granted = 1, door = 1, direction = 1;
    std::uint32_t card = 8112345;
    std::string time = {}; ///< BCD digits yyyymmddHHMMSS
    std::uint8_t reason = 1;
};

class ScriptedController {
public:
    ScriptedController(Clock& clock, std::uint32_t number, net::Endpoint where) : serial(number), address(std::move(where)), clock_(clock) {}

    std::uint32_t serial;
    net::Endpoint address;
    std::map<std::uint32_t, PastEvent> memory; ///< by index; below first_kept: overwritten
    std::uint32_t last = 0, first_kept = 1;
    std::array<std::uint8_t, 7> listener{};
    std::map<std::uint32_t, std::array<std::uint8_t, 20>> slots; ///< index -> the card's bytes from offset 8
    Duration clock_error{};
    bool special_events = false, silent = false, scrambled = false, says_no = false, deaf_to_pushes = false;
    int swallow_answers = 0;  ///< does as told, but the answer gets lost
    std::map<int, int> asked; ///< by function
    std::vector<std::int64_t> opened_at_ms;
    std::function<void(net::Endpoint to, Bytes bytes)> send;

    /// 2026-01-15T00:30:00Z is 20260115083000 on a wall in Hangzhou.
    std::string digits(Time time) const {
        const auto local = std::chrono::floor<std::chrono::seconds>(time + std::chrono::hours(8));
        const auto midnight = std::chrono::floor<std::chrono::days>(local);
        const std::chrono::year_month_day date(midnight);
        const std::chrono::hh_mm_ss clock(local - midnight);
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%04d%02u%02u%02d%02d%02d", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()));
        return text.data();
    }
    std::string now_digits() const { return digits(clock_.now() + clock_error); }

    /// Something happens now; told to the listener if there is one.
    std::uint32_t happen(PastEvent event = PastEvent(), bool push = true) {
        if (event.time.empty()) event.time = now_digits();
        memory[++last] = event;
        if (push) push_last();
        return last;
    }
    void push_last() {
        const std::uint16_t port = static_cast<std::uint16_t>(listener[4] | listener[5] << 8);
        if (port == 0 || listener[0] != 10 || silent || deaf_to_pushes) return;
        auto bytes = status();
        bytes[0] = 0x19;
        send(net::Endpoint{"10.0.0.2", port}, bytes);
    }
    void wrap(std::uint32_t kept_from) { first_kept = kept_from; }
    void clear_log() {
        memory.clear();
        last = 0;
        first_kept = 1;
    }

    void hear(const net::Endpoint& from, const Bytes& bytes) {
        if (silent || bytes.size() != 64 || bytes[0] != 0x17) return;
        const auto to = static_cast<std::uint32_t>(bytes[4] | bytes[5] << 8 | bytes[6] << 16 | bytes[7] << 24);
        if (to != serial && !(to == 0 && bytes[1] == 0x94)) return;
        ++asked[bytes[1]];
        if (scrambled) {
            send(from, Bytes(64, 0x1a));
            return;
        }
        auto answer = act(bytes);
        if (answer.empty()) return;
        if (swallow_answers > 0) {
            --swallow_answers;
            return;
        }
        send(from, answer);
    }

    Bytes head(std::uint8_t function) const {
        Bytes bytes(64, 0);
        bytes[0] = 0x17;
        bytes[1] = function;
        number(bytes, 4, serial);
        return bytes;
    }
    static void number(Bytes& bytes, std::size_t at, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    static std::uint32_t number_at(const Bytes& bytes, std::size_t at) {
        return static_cast<std::uint32_t>(bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24);
    }
    static void bcd(Bytes& bytes, std::size_t at, const std::string& text) {
        for (std::size_t i = 0; i + 1 < text.size(); i += 2)
            bytes[at + i / 2] = static_cast<std::uint8_t>((text[i] - '0') * 16 + (text[i + 1] - '0'));
    }

private:
    static void lay(Bytes& bytes, std::uint32_t index, const PastEvent& event) {
        number(bytes, 8, index);
        bytes[12] = event.type;
        bytes[13] = event.granted;
        bytes[14] = event.door;
        bytes[15] = event.direction;
        number(bytes, 16, event.card);
        bcd(bytes, 20, event.time);
        bytes[27] = event.reason;
    }
    Bytes status() const {
        auto bytes = head(0x20);
        if (last > 0) lay(bytes, last, memory.at(last));
        const auto now = now_digits();
        bcd(bytes, 37, now.substr(8));
        bcd(bytes, 51, now.substr(2, 6));
        return bytes;
    }
    Bytes act(const Bytes& asks) {
        auto bytes = head(asks[1]);
        switch (asks[1]) {
        case 0x20: return status();
        case 0x30: {
            const auto wanted = to_hex(ByteView(asks).subspan(8, 7));
            const auto now = digits(clock_.now());
            clock_error = std::chrono::seconds(std::stoi(wanted.substr(12)) - std::stoi(now.substr(12)));
            std::copy_n(asks.begin() + 8, 7, bytes.begin() + 8);
            return bytes;
        }
        case 0x32: bcd(bytes, 8, now_digits()); return bytes;
        case 0x40:
            opened_at_ms.push_back(clock_.steady_now().time_since_epoch().count() / 1000);
            bytes[8] = says_no ? 0 : 1;
            return bytes;
        case 0x50: {
            bytes[8] = says_no ? 0 : 1;
            for (auto& [index, card] : slots)
                if (std::equal(card.begin(), card.begin() + 4, asks.begin() + 8)) {
                    std::copy_n(asks.begin() + 8, card.size(), card.begin());
                    return bytes;
                }
            if (says_no) return bytes;
            auto& card = slots[slots.empty() ? 1 : slots.rbegin()->first + 1];
            std::copy_n(asks.begin() + 8, card.size(), card.begin());
            return bytes;
        }
        case 0x52:
            for (auto& [index, card] : slots)
                if (std::equal(card.begin(), card.begin() + 4, asks.begin() + 8)) {
                    card.fill(0xff);
                    bytes[8] = 1;
                }
            return bytes;
        case 0x5a:
            for (const auto& [index, card] : slots)
                if (std::equal(card.begin(), card.begin() + 4, asks.begin() + 8)) std::copy(card.begin(), card.end(), bytes.begin() + 8);
            return bytes;
        case 0x5c:
            if (const auto found = slots.find(number_at(asks, 8)); found != slots.end())
                std::copy(found->second.begin(), found->second.end(), bytes.begin() + 8);
            return bytes;
        case 0x8e:
            special_events = asks[8] == 1;
            bytes[8] = 1;
            return bytes;
        case 0x90:
            std::copy_n(asks.begin() + 8, 7, listener.begin());
            bytes[8] = 1;
            return bytes;
        case 0x92: std::copy(listener.begin(), listener.end(), bytes.begin() + 8); return bytes;
        case 0x94:
            bytes[26] = 0x06;
            bytes[27] = 0x62;
            return bytes;
        case 0xb0: {
            auto index = number_at(asks, 8);
            if (index == 0) index = last == 0 ? 0 : first_kept;
            if (index == 0xffffffff) index = last;
            if (index == 0 || index > last) return bytes;
            if (index < first_kept) {
                number(bytes, 8, index);
                bytes[12] = 0xff;
                return bytes;
            }
            lay(bytes, index, memory.at(index));
            return bytes;
        }
        default: return {};
        }
    }

    Clock& clock_;
};

class ScriptedNetwork final : public net::Network {
public:
    explicit ScriptedNetwork(Clock& clock) : clock_(clock) {}

    ScriptedController& add(std::uint32_t serial, std::string host) {
        auto& made = controllers_.emplace_back(clock_, serial, net::Endpoint{std::move(host), 60000});
        made.send = [this, &made](net::Endpoint to, Bytes bytes) { deliver(to.port, net::Datagram{made.address, std::move(bytes)}); };
        return made;
    }
    void deliver(std::uint16_t port, net::Datagram datagram) {
        if (const auto found = sockets_.find(port); found != sockets_.end()) {
            found->second->waiting.push_back(std::move(datagram));
            found->second->filled.set();
        }
    }
    /// The port of the socket that sent last, to forge answers to it.
    std::uint16_t last_sender = 0;
    std::function<void(std::uint16_t port)> before_answer;
    std::size_t open_sockets() const { return sockets_.size(); }

    Task<Result<std::unique_ptr<net::Stream>>> connect(net::Endpoint, net::Binding, std::optional<net::TlsOptions>, Duration) override {
        co_return Error(Fault::unsupported, "no streams here");
    }
    Result<std::unique_ptr<net::DatagramSocket>> open_datagrams(net::Endpoint bind_to, net::Binding) override {
        const auto port = bind_to.port != 0 ? bind_to.port : ++next_port_;
        auto socket = std::make_unique<Socket>(*this, port);
        sockets_[port] = socket.get();
        return Result<std::unique_ptr<net::DatagramSocket>>(std::move(socket));
    }

private:
    struct Socket final : net::DatagramSocket {
        Socket(ScriptedNetwork& n, std::uint16_t p) : network(n), port(p) {}
        ~Socket() override { network.sockets_.erase(port); }
        Task<Result<net::Datagram>> receive() override {
            while (waiting.empty()) {
                filled.reset();
                co_await filled.wait();
            }
            auto first = std::move(waiting.front());
            waiting.pop_front();
            co_return std::move(first);
        }
        Task<Done> send(net::Endpoint to, Bytes bytes) override {
            network.last_sender = port;
            if (network.before_answer) network.before_answer(port);
            for (auto& controller : network.controllers_)
                if (controller.address == to || to.host.ends_with(".255")) controller.hear(net::Endpoint{"10.0.0.2", port}, bytes);
            co_return Done();
        }
        net::Endpoint local() const override { return net::Endpoint{"10.0.0.2", port}; }
        void close() override {}
        ScriptedNetwork& network;
        std::uint16_t port;
        std::deque<net::Datagram> waiting;
        Event filled;
    };

    Clock& clock_;
    std::deque<ScriptedController> controllers_;
    std::map<std::uint16_t, Socket*> sockets_;
    std::uint16_t next_port_ = 30000;
};

} // namespace gatehouse::tests
