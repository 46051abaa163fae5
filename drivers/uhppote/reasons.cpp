// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/reasons.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::drivers::uhppote {

namespace {

constexpr auto pass = Family::passage;
constexpr auto other = Family::other;
constexpr auto none = Kind::device_event; // of a passage: the granted byte decides

constexpr std::array reasons{
    Reason{1, pass, none, "granted", "card"},
    Reason{2, pass, none, "granted", "card"}, // swipe that closes
    Reason{3, pass, none, "granted", "card"}, // swipe that opens
    Reason{4, pass, none, "use_count", "card"},
    Reason{5, pass, none, "pc_control", "card"},
    Reason{6, pass, none, "no_right", "card"}, // also a card that nobody ever enrolled
    Reason{7, pass, none, "wrong_pin", "card_pin"},
    Reason{8, pass, none, "anti_passback", "card"},
    Reason{9, pass, none, "multi_card", "multi_card"},
    Reason{10, pass, none, "first_card", "card"},
    Reason{11, pass, none, "door_closed_mode", "card"},
    Reason{12, pass, none, "interlock", "card"},
    Reason{13, pass, none, "use_count", "card"},
    Reason{14, pass, none, "too_many_inside", "card"},
    Reason{15, pass, none, "outside_time_plan", "card"}, // also an expired card
    Reason{16, pass, none, "order_of_passage", "card"},
    Reason{17, pass, none, "too_close", "card"},
    Reason{18, pass, none, "unknown", "card"},
    Reason{19, pass, none, "use_count", "card"},
    Reason{20, other, Kind::button_pressed, "granted", "button"},
    Reason{21, other, Kind::button_pressed, "granted", "button"}, // button that opens
    Reason{22, other, Kind::button_pressed, "granted", "button"}, // button that closes
    Reason{23, other, Kind::door_opened, "", ""},
    Reason{24, other, Kind::door_closed, "", ""},
    Reason{25, pass, none, "super_pin", "super_pin"},
    Reason{26, pass, none, "super_pin", "super_pin"},
    Reason{27, pass, none, "super_pin", "super_pin"},
    Reason{28, other, Kind::device_event, "power_on", ""},
    Reason{29, other, Kind::device_event, "reset", ""},
    Reason{30, pass, none, "disabled_by_task", "button"},
    Reason{31, pass, none, "forced_lock", "button"},
    Reason{32, pass, none, "not_online", "button"},
    Reason{33, pass, none, "interlock", "button"},
    Reason{34, other, Kind::duress_raised, "threat", ""},
    Reason{35, other, Kind::duress_raised, "threat_open", ""},
    Reason{36, other, Kind::duress_raised, "threat_close", ""},
    Reason{37, other, Kind::door_held, "", ""},
    Reason{38, other, Kind::door_forced, "", ""},
    Reason{39, other, Kind::fire_alarm, "fire", ""},
    Reason{40, other, Kind::alarm_raised, "forced_close", ""},
    Reason{41, other, Kind::alarm_raised, "anti_theft", ""},
    Reason{42, other, Kind::alarm_raised, "zone_24h", ""}, // smoke, gas or temperature: the controller does not say which
    Reason{43, other, Kind::panic_pressed, "emergency_call", ""},
    Reason{44, pass, none, "remote", "remote"},
    Reason{45, pass, none, "remote", "remote"}, // by the USB reader at the guard's desk
};

constexpr bool in_order() {
    for (std::size_t i = 1; i < reasons.size(); ++i)
        if (reasons[i - 1].number >= reasons[i].number) return false;
    return true;
}
static_assert(in_order(), "each reason once, in order");

} // namespace

const Reason* reason_numbered(std::uint8_t number) {
    const auto found =
        std::lower_bound(reasons.begin(), reasons.end(), number, [](const Reason& reason, std::uint8_t n) { return reason.number < n; });
    return found != reasons.end() && found->number == number ? found : nullptr;
}

} // namespace gatehouse::drivers::uhppote
