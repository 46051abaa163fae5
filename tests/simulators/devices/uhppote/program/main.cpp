// SPDX-License-Identifier: Apache-2.0
//
// sim-uhppote: one door controller on UDP. The controller decides what to say, the line what becomes of it on the way;
// here are only sockets and timers.
#include "tests/simulators/control/options.hpp"
#include "tests/simulators/control/server.hpp"
#include "tests/simulators/devices/uhppote/controller.hpp"
#include "tests/simulators/devices/uhppote/line.hpp"

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdio>

namespace {

using namespace gatehouse::simulators;
namespace asio = boost::asio;
using asio::ip::udp;

constexpr std::array flags{
    control::Flag{"listen", "127.0.0.1:60000", "where the controller is asked (port 0: any)"},
    control::Flag{"broadcast", "", "second address to hear discovery on, such as 127.255.255.255:60000"},
    control::Flag{"serial", "425316788", "serial number"},
    control::Flag{"doors", "4", "1, 2 or 4"},
    control::Flag{"firmware", "0x0662", "BCD version; from 0x0662 on events begin with 0x19"},
    control::Flag{"capacity", "204800", "events in memory; a hundredth is dropped at once when full"},
    control::Flag{"first-index", "1", "index of the first event of this life"},
    control::Flag{"cards", "40", "cards that it knows at the start: 8100001 and on, all doors"},
    control::Flag{"cards-max", "26000", "how many it can hold"},
    control::Flag{"zone-min", "480", "minutes east of UTC that its clock shows"},
    control::Flag{"clock-offset", "0", "seconds that its clock is off"},
    control::Flag{"drift-ppm", "0", "parts per million that its clock gains"},
    control::Flag{"special-events", "off", "on: records buttons and doors from the start"},
    control::Flag{"listener", "", "ADDRESS:PORT that events are pushed to from the start"},
    control::Flag{"interval", "0", "seconds between repeats of the last event, with --listener"},
};

class OnUdp {
public:
    OnUdp(asio::io_context& io, uhppote::Controller& controller, uhppote::Line& line, control::Faults& faults, const udp::endpoint& at,
          const std::optional<udp::endpoint>& broadcast)
        : io_(io), controller_(controller), line_(line), faults_(faults), socket_(io, at), broadcast_(io), heartbeat_(io), held_(io) {
        socket_.non_blocking(true);
        controller_.push = [this](uhppote::Bytes datagram) { send(std::move(datagram), uhppote::Way::push, listener()); };
        controller_.listener_changed = [this] { arm_heartbeat(); };
        receive(socket_, main_);
        if (!broadcast) return;
        broadcast_.open(udp::v4());
        broadcast_.set_option(udp::socket::reuse_address(true)); // several controllers hear one broadcast
        broadcast_.bind(*broadcast);
        receive(broadcast_, second_);
    }

    std::uint16_t port() const { return socket_.local_endpoint().port(); }

private:
    struct Inbox {
        std::array<std::uint8_t, 2048> bytes{};
        udp::endpoint from;
    };

    void receive(udp::socket& socket, Inbox& inbox) {
        socket.async_receive_from(asio::buffer(inbox.bytes), inbox.from, [this, &socket, &inbox](boost::system::error_code error, std::size_t size) {
            if (error == asio::error::operation_aborted) return;
            if (!error && !faults_.is_set("mute"))
                if (auto reply = controller_.answer({inbox.bytes.data(), size})) send(std::move(*reply), uhppote::Way::reply, inbox.from);
            receive(socket, inbox);
        });
    }

    udp::endpoint listener() const { return {asio::ip::address_v4(controller_.listener().address), controller_.listener().port}; }

    // The line notes where a datagram goes as one number: address and port.
    static std::uint64_t packed(const udp::endpoint& to) { return std::uint64_t{to.address().to_v4().to_uint()} << 16 | to.port(); }
    static udp::endpoint unpacked(std::uint64_t to) {
        return {asio::ip::address_v4(static_cast<std::uint32_t>(to >> 16)), static_cast<std::uint16_t>(to)};
    }

    void send(uhppote::Bytes datagram, uhppote::Way way, const udp::endpoint& to) {
        for (auto& sending : line_.pass(std::move(datagram), way, packed(to))) leave(std::move(sending));
        // What is held to be overtaken must not wait for ever when nothing follows.
        held_.expires_after(uhppote::Line::held_max);
        held_.async_wait([this](boost::system::error_code error) {
            if (error) return;
            for (auto& sending : line_.release()) leave(std::move(sending));
        });
    }

    void leave(uhppote::Line::Sending sending) {
        if (sending.late.count() == 0) return put(sending);
        auto timer = std::make_shared<asio::steady_timer>(io_, sending.late);
        timer->async_wait([this, timer, sending = std::move(sending)](boost::system::error_code) { put(sending); });
    }

    void put(const uhppote::Line::Sending& sending) {
        // UDP: what the kernel does not take is lost, as on the board.
        boost::system::error_code lost;
        socket_.send_to(asio::buffer(sending.bytes), unpacked(sending.to), 0, lost);
    }

    void arm_heartbeat() {
        heartbeat_.cancel();
        const auto& to = controller_.listener();
        if (!to.is_set() || to.interval_s == 0) return;
        heartbeat_.expires_after(std::chrono::seconds(to.interval_s));
        heartbeat_.async_wait([this](boost::system::error_code error) {
            if (error) return;
            send(controller_.heartbeat(), uhppote::Way::push, listener());
            arm_heartbeat();
        });
    }

    asio::io_context& io_;
    uhppote::Controller& controller_;
    uhppote::Line& line_;
    control::Faults& faults_;
    udp::socket socket_;
    udp::socket broadcast_;
    asio::steady_timer heartbeat_;
    asio::steady_timer held_;
    Inbox main_;
    Inbox second_;
};

udp::endpoint endpoint(const std::string& text) {
    const control::Address address = control::parse_address(text);
    return {asio::ip::make_address_v4(address.host), address.port};
}

uhppote::Card resident_card(std::uint32_t number) {
    return {.number = number, .from = {0x20, 0x20, 0x01, 0x01}, .to = {0x20, 0x99, 0x12, 0x31}, .doors = {1, 1, 1, 1}, .pin = 0, .first_card = 0};
}

} // namespace

int main(int argc, char** argv) try {
    const control::Options options(argc, argv, flags);
    asio::io_context io(1);
    control::Ledger ledger(options.ledger_path());
    control::Faults faults(options.seed());
    control::DeviceClock clock{std::chrono::minutes(options.number("zone-min"))};
    clock.set_offset(std::chrono::microseconds(static_cast<std::int64_t>(options.real("clock-offset") * 1e6)));
    clock.set_drift(options.real("drift-ppm"));

    uhppote::Board board;
    const udp::endpoint at = endpoint(options.text("listen"));
    board.serial = static_cast<std::uint32_t>(options.number("serial"));
    board.doors = static_cast<unsigned>(options.number("doors"));
    board.firmware = static_cast<std::uint16_t>(options.number("firmware"));
    board.address = at.address().to_v4().to_bytes();
    board.mask = {255, 0, 0, 0};
    board.gateway = {127, 0, 0, 1};
    board.events_max = static_cast<std::size_t>(options.number("capacity"));
    board.cards_max = static_cast<std::size_t>(options.number("cards-max"));
    if (board.doors < 1 || board.doors > 4) throw std::invalid_argument("--doors is 1, 2 or 4");

    uhppote::Controller controller(board, clock, ledger, faults);
    controller.memory().start_at(static_cast<std::uint32_t>(options.number("first-index")));
    controller.set_special_events(options.is_on("special-events"));
    for (std::int64_t i = 1; i <= options.number("cards"); ++i) controller.cards().put(resident_card(static_cast<std::uint32_t>(8'100'000 + i)));

    uhppote::Line line(faults, options.seed() + 3);
    std::optional<udp::endpoint> broadcast;
    if (const std::string text = options.text("broadcast"); !text.empty()) broadcast = endpoint(text);
    OnUdp network(io, controller, line, faults, at, broadcast);
    if (const std::string text = options.text("listener"); !text.empty()) {
        const udp::endpoint to = endpoint(text);
        controller.set_listener(
            {.address = to.address().to_v4().to_bytes(), .port = to.port(), .interval_s = static_cast<std::uint8_t>(options.number("interval"))});
    }

    control::Server server(io, options.control_port(), options.seed() + 7, controller, ledger, faults);
    control::serve(io, server, {{"udp", network.port()}});
    return 0;
} catch (const std::exception& wrong) {
    std::fprintf(stderr, "sim-uhppote: %s\n", wrong.what());
    return 1;
}
