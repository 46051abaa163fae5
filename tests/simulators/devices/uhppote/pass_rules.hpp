// SPDX-License-Identifier: Apache-2.0
//
// Whether a controller lets a card through, and the reason code that it gives: validity, door permission, time
// profiles, PIN, door mode, anti-passback, interlock, PC control. Reasons are the maker's numbers.
#pragma once

#include "tests/simulators/devices/uhppote/card_table.hpp"

#include <map>
#include <set>

namespace gatehouse::simulators::uhppote {

enum class Reason : std::uint8_t {
    granted = 1,
    pc_control = 5,
    no_privilege = 6,
    wrong_pin = 7,
    anti_passback = 8,
    door_normally_closed = 11,
    interlock = 12,
    time_zone = 15,
    exit_button = 20,
    door_opened = 23,
    door_closed = 24,
    power_on = 28,
    door_held = 37,
    door_forced = 38,
    remote_open = 44,
};

struct Door {
    std::uint8_t mode = 3;    // 1 normally open, 2 normally closed, 3 controlled
    std::uint8_t delay_s = 5; // how long the lock stays open
    bool is_leaf_open = false;
    bool is_button_pressed = false;
    control::RealTime unlocked_until{};
};

struct TimeProfile {
    std::uint8_t id = 0;
    Date from{}, to{};
    std::array<bool, 7> days{}; // Monday first
    struct Span {
        unsigned from_minute = 0, to_minute = 0;
    };
    std::array<Span, 3> spans{};
    std::uint8_t linked = 0;
};

/// As set-time-profile has it, bytes 8 to 36.
TimeProfile read_profile(View bytes);
void put_profile(Bytes& bytes, const TimeProfile& profile);

struct PassRules {
    std::array<Door, 4> doors{};
    std::map<std::uint8_t, TimeProfile> profiles;
    std::uint8_t anti_passback = 0;
    std::uint8_t interlock = 0;
    std::array<bool, 4> has_keypad{};
    bool host_decides = false;                                       // PC control is on and the host was heard lately
    std::map<std::uint32_t, std::map<std::uint8_t, bool>> is_inside; // card -> anti-passback pair -> went in last

    /// `door` is 1 to 4. Does not change anything; `passed` notes who went where.
    Reason decide(const CardTable& cards, std::uint32_t card, unsigned door, std::uint32_t pin, control::LocalTime now) const;
    void passed(std::uint32_t card, unsigned door);

    bool is_interlocked(unsigned door) const;

private:
    bool profile_allows(std::uint8_t id, control::LocalTime now) const;
};

} // namespace gatehouse::simulators::uhppote
