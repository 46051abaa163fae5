// SPDX-License-Identifier: Apache-2.0
//
// The controller's doors and its event memory; what it answers on the wire is in answers.cpp, how tests command it in
// commands.cpp.
#include "tests/simulators/devices/uhppote/controller.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::simulators::uhppote {
namespace {

// In real logs the card field of events without a card holds junk; a driver that reads it as a card number is wrong.
std::uint32_t door_event_junk(unsigned door) { return 4 + door; }

} // namespace

std::string kind_of(const Event& event) {
    if (event.type == 1) return event.granted ? "pass.granted" : "pass.denied";
    switch (event.reason) {
    case 20: return "button.pressed";
    case 23: return "door.opened";
    case 24: return "door.closed";
    case 34: return "duress.raised";
    case 37: return "door.held";
    case 38: return "door.forced";
    case 39: return "fire.alarm";
    default: return "device.event";
    }
}

Controller::Controller(Board board, control::DeviceClock& clock, control::Ledger& ledger, control::Faults& faults)
    : board_(board), clock_(clock), ledger_(ledger), faults_(faults), memory_(board.events_max), cards_(board.cards_max) {}

Door& Controller::door(unsigned number) {
    if (number < 1 || number > board_.doors) throw control::Refused("this board has doors 1 to " + std::to_string(board_.doors));
    return rules_.doors[number - 1];
}

bool Controller::unlock(unsigned number) {
    Door& opened = door(number);
    if (opened.mode == 2) return false;
    opened.unlocked_until = clock_.real() + std::chrono::seconds(opened.delay_s);
    return true;
}

bool Controller::is_host_in_charge() const { return pc_control_ && clock_.real() - host_heard_ < std::chrono::seconds(30); }

control::LedgerRow Controller::record(Event event) {
    const bool has_own_time = std::any_of(event.at.begin(), event.at.end(), [](std::uint8_t byte) { return byte != 0; });
    if (!has_own_time) event.at = bcd(clock_.local());
    const std::string at = control::iso_local(clock_.local());
    if (faults_.strikes("bad_dates")) {
        const std::string how = faults_.text("bad_dates", "as", "zero");
        event.at = {};
        if (how == "century") event.at[0] = 0x20;
        if (how == "nibbles") event.at = {0x20, 0x2F, 0x1A, 0xFF, 0x25, 0x61, 0x99};
    }
    const Event& kept = memory_.add(event);
    control::LedgerRow row = ledger_.add({.device = std::to_string(board_.serial),
                                          .key = kept.index,
                                          .kind = kind_of(kept),
                                          .subject = kept.type == 1 ? "card:" + std::to_string(kept.card) : "",
                                          .at = at,
                                          .made_at = {}});
    if (listener_.is_set()) push(heartbeat());
    return row;
}

Bytes Controller::heartbeat() { return status(board_.firmware >= 0x0662 ? 0x19 : 0x17); }

std::optional<control::LedgerRow> Controller::swipe(std::uint32_t card, unsigned number, Direction direction, std::uint32_t pin) {
    door(number);
    rules_.host_decides = is_host_in_charge();
    const Reason reason = rules_.decide(cards_, card, number, pin, clock_.local());
    const bool is_granted = reason == Reason::granted;
    if (is_granted) {
        unlock(number);
        rules_.passed(card, number);
    }
    return record({.type = 1,
                   .granted = is_granted,
                   .door = static_cast<std::uint8_t>(number),
                   .direction = static_cast<std::uint8_t>(direction),
                   .card = card,
                   .reason = static_cast<std::uint8_t>(reason)});
}

std::optional<control::LedgerRow> Controller::press_button(unsigned number) {
    Door& pressed = door(number);
    pressed.is_button_pressed = true;
    const bool opens = unlock(number);
    std::optional<control::LedgerRow> row;
    if (records_special_)
        row = record(
            {.type = 2, .granted = opens, .door = static_cast<std::uint8_t>(number), .direction = 1, .card = door_event_junk(number), .reason = 20});
    pressed.is_button_pressed = false;
    return row;
}

std::optional<control::LedgerRow> Controller::open_leaf(unsigned number) {
    Door& opened = door(number);
    opened.is_leaf_open = true;
    if (opened.mode != 1 && clock_.real() >= opened.unlocked_until)
        return record({.type = 3, .door = static_cast<std::uint8_t>(number), .card = door_event_junk(number), .reason = 38});
    if (!records_special_) return std::nullopt;
    return record(
        {.type = 2, .granted = true, .door = static_cast<std::uint8_t>(number), .direction = 1, .card = door_event_junk(number), .reason = 23});
}

std::optional<control::LedgerRow> Controller::close_leaf(unsigned number) {
    door(number).is_leaf_open = false;
    if (!records_special_) return std::nullopt;
    return record(
        {.type = 2, .granted = true, .door = static_cast<std::uint8_t>(number), .direction = 1, .card = door_event_junk(number), .reason = 24});
}

std::optional<control::LedgerRow> Controller::hold_leaf(unsigned number) {
    door(number).is_leaf_open = true;
    return record({.type = 3, .door = static_cast<std::uint8_t>(number), .card = door_event_junk(number), .reason = 37});
}

void Controller::set_listener(const Listener& listener) {
    listener_ = listener;
    listener_changed();
}

void Controller::restore_defaults() {
    cards_.clear();
    memory_.clear();
    rules_ = {};
    tasks_.clear();
    first_cards_.clear();
    passcodes_ = {};
    records_special_ = pc_control_ = false;
    event_index_ = 0;
    set_listener({});
}

void Controller::reboot() {
    // Flash keeps cards, events, settings; the clock has a battery. Locks fall shut, and PC control waits for its host.
    for (Door& each : rules_.doors) each.unlocked_until = {};
    rules_.is_inside.clear();
    host_heard_ = {};
    record({.type = 2, .granted = true, .door = 1, .direction = 1, .card = 0, .reason = 28});
    listener_changed();
}

} // namespace gatehouse::simulators::uhppote
