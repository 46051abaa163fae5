// SPDX-License-Identifier: Apache-2.0
#include "tests/world/faults.hpp"

namespace gatehouse::world {

namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using Acks = fakes::FakeBroker::Acks;

constexpr std::uint64_t operations_ahead_max = 400; ///< of the disk, until a stop strikes

void nothing(World&) {}

// ---- The machine -----------------------------------------------------------------------------------------------------------------------

void kill(World& w) { w.stop_machine(Stop::kill, w.chance.below(operations_ahead_max), 0s); }
void stop(World& w) { w.stop_machine(Stop::orderly, 0, 0s); }
void cut_power(World& w) {
    if (w.chance.below(3) == 0) w.cut_next_start(1 + w.chance.below(60));
    const auto off = w.chance.below(2) == 0 ? 0s : std::chrono::seconds(w.chance.below(1800));
    w.stop_machine(Stop::power_cut, w.chance.below(operations_ahead_max), off);
}

// ---- The disk --------------------------------------------------------------------------------------------------------------------------

void fill(World& w) { w.disk.bytes_max = w.disk.used_bytes() + w.chance.below(400'000); }
void make_room(World& w) { w.disk.bytes_max.reset(); }
void fail_all(World& w) {
    w.disk_fails = [](const std::string&) { return true; };
}
void fail_some(World& w) {
    constexpr std::array kinds{"sync", "write", "folder", "truncate"};
    const std::string kind = kinds[w.chance.below(kinds.size())];
    const auto one_in = 1 + w.chance.below(3);
    w.disk_fails = [&w, kind, one_in](const std::string& what) { return what == kind && w.weather.below(one_in) == 0; };
}
void fail_once(World& w) {
    constexpr std::array kinds{"sync", "write", "folder"};
    const std::string kind = kinds[w.chance.below(kinds.size())];
    w.disk_fails = [kind, is_over = std::make_shared<bool>(false)](const std::string& what) {
        return what == kind && !std::exchange(*is_over, true);
    };
}
void mend_disk(World& w) { w.disk_fails = nullptr; }
void slow_disk(World& w) { w.writer.take(std::chrono::milliseconds(100 + w.chance.below(10'000))); }
void quick_disk(World& w) { w.writer.take(0s); }

// ---- The gateway's clock ---------------------------------------------------------------------------------------------------------------

void to_1970(World& w) {
    w.gateway_clock.set(Time(std::chrono::seconds(w.chance.below(86'400))));
    if (w.chance.below(3) != 0) w.gateway_clock.set_quality(ClockQuality::unsynced);
}
void ten_years_on(World& w) { w.gateway_clock.step(days(3650)); }
void ten_years_back(World& w) { w.gateway_clock.step(-days(3650)); }
void some_hours(World& w) { w.gateway_clock.step(std::chrono::seconds(w.chance.below(28'800)) - 4h); }
void drift(World& w) { w.gateway_clock.drift(static_cast<int>(w.chance.below(101)) - 50); }
void unsynced(World& w) { w.gateway_clock.set_quality(ClockQuality::unsynced); }
void heal_clock(World& w) { w.gateway_clock.heal(); }

// ---- The uplink ------------------------------------------------------------------------------------------------------------------------

void broker_away(World& w) {
    w.broker.is_reachable = false;
    w.broker.drop_all();
}
void broker_back(World& w) { w.broker.is_reachable = true; }
void broker_restarts(World& w) { w.broker.drop_all(); }

Task<void> flap(World& w) {
    while (w.broker_flaps) {
        const auto some = [&] { return std::chrono::seconds(1 + w.chance.below(60)); };
        co_await w.clock.sleep_for(some());
        w.broker.is_reachable = false;
        w.broker.drop_all();
        co_await w.clock.sleep_for(some());
        w.broker.is_reachable = true;
    }
}
void start_flapping(World& w) {
    if (!std::exchange(w.broker_flaps, true)) w.people.spawn("flapping", flap(w));
}
void stop_flapping(World& w) { w.broker_flaps = false; }
// Who is connected stays so; nobody else finds the broker.
void forget_name(World& w) { w.broker.is_reachable = false; }

void never_acknowledge(World& w) { w.broker.acks = Acks::on_command; }
// What it kept to itself it never acknowledges.
void acknowledge_again(World& w) { w.broker.acks = Acks::at_once; }
void acknowledge_twice(World& w) { w.broker.acks = Acks::doubled; }

Task<void> acknowledge_in_any_order(World& w) {
    while (w.broker.acks == Acks::on_command) {
        co_await w.clock.sleep_for(std::chrono::milliseconds(200 + w.chance.below(2000)));
        while (!w.broker.pending.empty()) w.broker.acknowledge_number(w.broker.pending[w.chance.below(w.broker.pending.size())].number);
    }
}
void acknowledge_out_of_order(World& w) {
    w.broker.acks = Acks::on_command;
    w.people.spawn("acknowledging", acknowledge_in_any_order(w));
}
void acknowledge_the_rest(World& w) {
    w.broker.acks = Acks::at_once;
    w.broker.acknowledge(w.broker.pending.size());
}

void lose_after_puback(World& w) { w.platform.is_deaf = true; }
void hear_again(World& w) { w.platform.is_deaf = false; }
// Nothing goes through and nobody says so; the far side notices first.
void half_open(World& w) {
    w.platform.is_deaf = true;
    w.broker.is_reachable = false;
    w.broker.acks = Acks::on_command;
}
void whole_again(World& w) {
    w.broker.drop_all();
    w.broker.is_reachable = true;
    w.broker.acks = Acks::at_once;
    w.platform.is_deaf = false;
}
void refuse_publishes(World& w) {
    constexpr int quota_exceeded = 0x97;
    w.broker.reason = [&w](const net::MqttMessage&) { return w.weather.below(3) == 0 ? quota_exceeded : 0; };
}
void take_publishes(World& w) { w.broker.reason = nullptr; }

// ---- The platform ----------------------------------------------------------------------------------------------------------------------

void fall_silent(World& w) { w.platform.is_silent = true; }
void speak(World& w) {
    w.platform.is_silent = false;
    w.platform.receipt_everything();
}
void grow_slow(World& w) { w.platform.is_slow = true; }
void repeat(World& w) { w.platform.repeats = true; }
void forget(World& w) { w.platform.forgets = true; }
void lie(World& w) { w.platform.lies = true; }
void refuse(World& w) { w.platform.refuses = true; }
void behave(World& w) {
    w.platform.is_slow = w.platform.repeats = w.platform.forgets = w.platform.lies = w.platform.refuses = false;
    w.platform.receipt_everything();
}

// ---- Devices ---------------------------------------------------------------------------------------------------------------------------

template <class Device>
void cut_off(World& w, Device& device) {
    w.network.cut(device.host());
}
void doors_away(World& w) { cut_off(w, w.doors); }
void doors_back(World& w) { w.network.mend(w.doors.host()); }
void doors_overwritten(World& w) {
    w.doors.overwrite();
    w.network.mend(w.doors.host());
}
void doors_cleared(World& w) { w.doors.clear(); }
void doors_clock(World& w) { w.doors.controller().clock_error = std::chrono::seconds(w.chance.below(7200)) - 1h; }
void doors_scrambled(World& w) { w.doors.controller().scrambled = true; }
void doors_swallow(World& w) { w.doors.controller().swallow_answers = static_cast<int>(1 + w.chance.below(10)); }
void doors_sound(World& w) { w.doors.controller().scrambled = false; }
void doors_deaf(World& w) { w.doors.controller().deaf_to_pushes = true; }
void doors_push(World& w) { w.doors.controller().deaf_to_pushes = false; }
void doors_flood(World& w) {
    for (auto events = 50 + w.chance.below(400); events > 0; --events) w.doors.use();
}

void camera_away(World& w) { cut_off(w, w.camera); }
void camera_back(World& w) { w.network.mend(w.camera.host()); }
void camera_restarts(World& w) { w.network.reset(w.camera.host()); }

void terminal_away(World& w) {
    w.terminal.is_off = true;
    cut_off(w, w.terminal);
}
void terminal_back(World& w) {
    w.terminal.is_off = false;
    w.network.mend(w.terminal.host());
}
void terminal_overwritten(World& w) {
    w.terminal.overwrite();
    terminal_back(w);
}
void terminal_reset(World& w) {
    w.terminal.reset();
    terminal_back(w);
}
void terminal_quiet(World& w) { w.terminal.is_off = true; }
void terminal_pushes(World& w) { w.terminal.is_off = false; }

// ---- The network -----------------------------------------------------------------------------------------------------------------------

void lose(World& w) { w.network.set_loss(static_cast<unsigned>(10 + w.chance.below(290))); }
void delay(World& w) { w.network.set_delay(std::chrono::milliseconds(50 + w.chance.below(1500))); }
void clear_network(World& w) {
    w.network.set_loss(0);
    w.network.set_delay(3ms);
}

constexpr std::array table{
    Fault{Part::machine, "F01", "process killed", 1min, 2min, kill, nothing},
    Fault{Part::machine, "F02", "power cut", 1min, 40min, cut_power, nothing},
    Fault{Part::machine, "F09", "stopped and started", 1min, 2min, stop, nothing},
    Fault{Part::disk, "F10", "disk full", 1min, 40min, fill, make_room},
    Fault{Part::disk, "F12", "disk slow", 1min, 30min, slow_disk, quick_disk},
    Fault{Part::disk, "F13", "disk fails once", 1min, 5min, fail_once, mend_disk},
    Fault{Part::disk, "F13", "disk fails now and then", 1min, 20min, fail_some, mend_disk},
    Fault{Part::disk, "F14", "disk gone", 1min, 30min, fail_all, mend_disk},
    Fault{Part::clock, "F20", "clock ten years on", 1min, 60min, ten_years_on, heal_clock},
    Fault{Part::clock, "F20", "clock ten years back", 1min, 60min, ten_years_back, heal_clock},
    Fault{Part::clock, "F20", "clock some hours off", 1min, 90min, some_hours, heal_clock},
    Fault{Part::clock, "F21", "clock in 1970", 1min, 60min, to_1970, heal_clock},
    Fault{Part::clock, "F22", "clock drifts", 10min, 90min, drift, heal_clock},
    Fault{Part::clock, "F22", "clock unsynced", 1min, 60min, unsynced, heal_clock},
    Fault{Part::uplink, "F24", "broker away", 1min, 180min, broker_away, broker_back},
    Fault{Part::uplink, "F25", "broker flaps", 10min, 40min, start_flapping, stop_flapping},
    Fault{Part::uplink, "F26", "broker takes and never acknowledges", 1min, 60min, never_acknowledge, acknowledge_again},
    Fault{Part::uplink, "F27", "broker acknowledges twice", 1min, 60min, acknowledge_twice, acknowledge_again},
    Fault{Part::uplink, "F27", "broker acknowledges in any order", 1min, 60min, acknowledge_out_of_order, acknowledge_the_rest},
    Fault{Part::uplink, "F27", "broker refuses one in three", 1min, 20min, refuse_publishes, take_publishes},
    Fault{Part::uplink, "F28", "broker loses after PUBACK", 1min, 60min, lose_after_puback, hear_again},
    Fault{Part::uplink, "F30", "broker restarts", 1min, 2min, broker_restarts, nothing},
    Fault{Part::uplink, "F31", "link half-open", 1min, 4min, half_open, whole_again},
    Fault{Part::uplink, "F34", "DNS dead", 1min, 60min, forget_name, broker_back},
    Fault{Part::platform, "L1", "platform silent", 5min, 180min, fall_silent, speak},
    Fault{Part::platform, "L1", "platform slow", 5min, 120min, grow_slow, behave},
    Fault{Part::platform, "F27", "receipts repeated and reordered", 5min, 120min, repeat, behave},
    Fault{Part::platform, "L1", "platform forgets before its commit", 5min, 60min, forget, behave},
    Fault{Part::platform, "F27", "platform lies", 5min, 60min, lie, behave},
    Fault{Part::platform, "F36", "platform refuses some events", 5min, 60min, refuse, behave},
    Fault{Part::doors, "F43", "doors away", 1min, 120min, doors_away, doors_back},
    Fault{Part::doors, "F42", "doors away and overwritten", 30min, 120min, doors_away, doors_overwritten},
    Fault{Part::doors, "F42", "doors cleared", 1min, 2min, doors_cleared, nothing},
    Fault{Part::doors, "F23", "doors' clock wrong", 1min, 2min, doors_clock, nothing},
    Fault{Part::doors, "F40", "doors send rubbish", 1min, 10min, doors_scrambled, doors_sound},
    Fault{Part::doors, "F40", "doors' answers get lost", 1min, 2min, doors_swallow, nothing},
    Fault{Part::doors, "F46", "doors push nothing", 1min, 60min, doors_deaf, doors_push},
    Fault{Part::doors, "F38", "doors flood", 1min, 2min, doors_flood, nothing},
    Fault{Part::camera, "F43", "camera away", 1min, 120min, camera_away, camera_back},
    Fault{Part::camera, "F45", "camera restarts", 1min, 2min, camera_restarts, nothing},
    Fault{Part::terminal, "F43", "terminal away", 1min, 120min, terminal_away, terminal_back},
    Fault{Part::terminal, "F42", "terminal away and overwritten", 30min, 120min, terminal_away, terminal_overwritten},
    Fault{Part::terminal, "F42", "terminal away and reset", 10min, 60min, terminal_away, terminal_reset},
    Fault{Part::terminal, "F46", "terminal pushes nothing", 1min, 60min, terminal_quiet, terminal_pushes},
    Fault{Part::network, "F32", "datagrams get lost", 5min, 60min, lose, clear_network},
    Fault{Part::network, "F32", "network slow", 5min, 60min, delay, clear_network},
};

} // namespace

std::span<const Fault> faults() { return table; }

} // namespace gatehouse::world
