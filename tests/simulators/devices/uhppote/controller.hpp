// SPDX-License-Identifier: Apache-2.0
//
// A UT0311-L01/02/04 door controller without its network: requests in, replies and pushed events out, both as the bytes
// on the wire. It believes its own clock, decides by its own card table, keeps its own event memory. io thread only.
#pragma once

#include "tests/simulators/control/device.hpp"
#include "tests/simulators/control/device_clock.hpp"
#include "tests/simulators/control/faults.hpp"
#include "tests/simulators/devices/uhppote/event_memory.hpp"
#include "tests/simulators/devices/uhppote/pass_rules.hpp"

#include <functional>
#include <string>

namespace gatehouse::simulators::uhppote {

using Ip = std::array<std::uint8_t, 4>;

/// What is printed on the board, so to speak.
struct Board {
    std::uint32_t serial = 425316788;
    unsigned doors = 4;              // 1, 2 or 4
    std::uint16_t firmware = 0x0662; // BCD; from 0x0662 on pushed events begin with 0x19
    Date firmware_date{0x20, 0x20, 0x01, 0x15};
    Ip address{192, 168, 50, 21}, mask{255, 255, 255, 0}, gateway{192, 168, 50, 1};
    std::size_t events_max = 204'800;
    std::size_t cards_max = 26'000;
};

struct Listener {
    Ip address{};
    std::uint16_t port = 0;
    std::uint8_t interval_s = 0;
    bool is_set() const { return port != 0; }
};

class Controller : public control::Device {
public:
    /// Holds clock, ledger and faults by reference.
    Controller(Board board, control::DeviceClock& clock, control::Ledger& ledger, control::Faults& faults);

    /// Where pushed events and heartbeats go; called with the datagram while the event is made.
    std::function<void(Bytes)> push = [](Bytes) {};
    /// Told when somebody set the listener, so that the heartbeat can be timed anew.
    std::function<void()> listener_changed = [] {};

    /// The reply to one datagram, or nothing where a real one stays silent.
    std::optional<Bytes> answer(View request);

    /// The last event once more, with the present state: pushed every `interval_s`.
    Bytes heartbeat();

    const Listener& listener() const { return listener_; }
    const Board& board() const { return board_; }
    const EventMemory& memory() const { return memory_; }
    EventMemory& memory() { return memory_; }
    CardTable& cards() { return cards_; }
    void set_listener(const Listener& listener);
    void set_special_events(bool on) { records_special_ = on; }
    void set_sequence(std::uint32_t sequence) { sequence_ = sequence; }

    // What people do at the doors. Each answers the ledger row of the event that came of it, or nothing where the
    // board keeps none (special events off).
    enum class Direction : std::uint8_t { in = 1, out = 2 };
    std::optional<control::LedgerRow> swipe(std::uint32_t card, unsigned door, Direction direction, std::uint32_t pin = 0);
    std::optional<control::LedgerRow> press_button(unsigned door);
    /// With the lock open that is an opened door, else a forced one.
    std::optional<control::LedgerRow> open_leaf(unsigned door);
    std::optional<control::LedgerRow> close_leaf(unsigned door);
    std::optional<control::LedgerRow> hold_leaf(unsigned door);
    /// Any event at all; its index and, where it is all zero, its time are filled in.
    control::LedgerRow record(Event event);

    // control::Device
    boost::json::object state() override;
    control::LedgerRow event(const boost::json::object& what) override;
    control::LedgerRow random_event(std::mt19937_64& random) override;
    std::span<const control::FaultName> faults() const override;
    bool fault_was_set(std::string_view name, const boost::json::object& arguments) override;
    void set_clock(std::chrono::microseconds offset, std::optional<double> drift_ppm) override;
    void reboot() override;
    std::optional<boost::json::value> request(std::string_view verb, std::string_view target, const boost::json::object& body) override;

private:
    Bytes status(std::uint8_t first_byte);
    void restore_defaults();
    Door& door(unsigned number);
    bool unlock(unsigned number);
    bool is_host_in_charge() const;

    // Replies by group of functions; nothing: not one of this group, or no reply is due.
    std::optional<Bytes> answer_clock_and_doors(std::uint8_t function, View request);
    std::optional<Bytes> answer_cards(std::uint8_t function, View request);
    std::optional<Bytes> answer_events(std::uint8_t function, View request);
    std::optional<Bytes> answer_settings(std::uint8_t function, View request);

    Board board_;
    control::DeviceClock& clock_;
    control::Ledger& ledger_;
    control::Faults& faults_;
    EventMemory memory_;
    CardTable cards_;
    PassRules rules_;
    Listener listener_;
    bool records_special_ = false;
    bool pc_control_ = false;
    control::RealTime host_heard_{};
    std::uint32_t event_index_ = 0; // the host's scratch number
    std::uint32_t sequence_ = 0;
    std::uint8_t system_error_ = 0;
    std::array<std::array<std::uint32_t, 4>, 4> passcodes_{};
    std::vector<Bytes> tasks_;
    std::vector<Bytes> first_cards_;
    std::uint64_t datagrams_refused_ = 0;
};

/// The record kind that a gateway should make of an event, by type, grant and reason.
std::string kind_of(const Event& event);

} // namespace gatehouse::simulators::uhppote
