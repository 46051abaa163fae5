// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/uhppote/pass_rules.hpp"

#include <algorithm>

namespace gatehouse::simulators::uhppote {
namespace {

// Which door leads in and which out, by anti-passback mode. A door that leads nowhere is not listed.
struct Passage {
    std::uint8_t mode;
    unsigned door;
    std::uint8_t pair;
    bool leads_in;
};
constexpr std::array passages{
    Passage{1, 1, 1, true},  Passage{1, 2, 1, false}, Passage{1, 3, 2, true},  Passage{1, 4, 2, false}, Passage{2, 1, 1, true},
    Passage{2, 3, 1, true},  Passage{2, 2, 1, false}, Passage{2, 4, 1, false}, Passage{3, 1, 1, true},  Passage{3, 2, 1, false},
    Passage{3, 3, 1, false}, Passage{4, 1, 1, true},  Passage{4, 2, 1, false}, Passage{4, 3, 1, false}, Passage{4, 4, 1, false},
};

const Passage* passage(std::uint8_t mode, unsigned door) {
    const auto found = std::find_if(passages.begin(), passages.end(), [&](const Passage& each) { return each.mode == mode && each.door == door; });
    return found == passages.end() ? nullptr : &*found;
}

// Doors that must not stand open together, one bit a door, by interlock mode.
std::vector<unsigned> interlock_groups(std::uint8_t mode) {
    switch (mode) {
    case 1: return {0b0011};
    case 2: return {0b1100};
    case 3: return {0b0011, 0b1100};
    case 4: return {0b0111};
    case 8: return {0b1111};
    default: return {};
    }
}

bool is_within(control::LocalTime now, const Date& from, const Date& to) {
    // BCD dates compare like text. An all-zero end means nothing was set, and no card passes by it.
    const DateTime today = bcd(now);
    const auto first = today.begin(), last = today.begin() + 4;
    return !std::lexicographical_compare(first, last, from.begin(), from.end()) && !std::lexicographical_compare(to.begin(), to.end(), first, last);
}

} // namespace

TimeProfile read_profile(View bytes) {
    TimeProfile profile;
    profile.id = bytes[8];
    std::copy_n(bytes.begin() + 9, 4, profile.from.begin());
    std::copy_n(bytes.begin() + 13, 4, profile.to.begin());
    for (std::size_t day = 0; day < 7; ++day) profile.days[day] = bytes[17 + day] == 1;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto minute = [&](std::size_t at) { return read_bcd(bytes[at]) * 60 + read_bcd(bytes[at + 1]); };
        profile.spans[i] = {minute(24 + 4 * i), minute(26 + 4 * i)};
    }
    profile.linked = bytes[36];
    return profile;
}

void put_profile(Bytes& bytes, const TimeProfile& profile) {
    bytes[8] = profile.id;
    put_all(bytes, 9, profile.from);
    put_all(bytes, 13, profile.to);
    for (std::size_t day = 0; day < 7; ++day) bytes[17 + day] = profile.days[day] ? 1 : 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto put = [&](std::size_t at, unsigned minute) {
            bytes[at] = bcd(minute / 60);
            bytes[at + 1] = bcd(minute % 60);
        };
        put(24 + 4 * i, profile.spans[i].from_minute);
        put(26 + 4 * i, profile.spans[i].to_minute);
    }
    bytes[36] = profile.linked;
}

bool PassRules::profile_allows(std::uint8_t id, control::LocalTime now) const {
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const unsigned weekday = std::chrono::weekday(day).iso_encoding() - 1;
    const auto minute = std::chrono::floor<std::chrono::minutes>(now - day).count();
    // A chain of linked profiles is followed once around at most: it may be a ring.
    for (std::size_t steps = 0; id != 0 && steps <= profiles.size(); ++steps) {
        const auto found = profiles.find(id);
        if (found == profiles.end()) return false;
        const TimeProfile& profile = found->second;
        const auto holds = [&](const TimeProfile::Span& span) {
            return span.to_minute > span.from_minute && minute >= span.from_minute && minute <= span.to_minute;
        };
        if (is_within(now, profile.from, profile.to) && profile.days[weekday] && std::any_of(profile.spans.begin(), profile.spans.end(), holds))
            return true;
        id = profile.linked;
    }
    return false;
}

bool PassRules::is_interlocked(unsigned door) const {
    const unsigned mine = 1u << (door - 1);
    for (const unsigned group : interlock_groups(interlock)) {
        if ((group & mine) == 0) continue;
        for (unsigned other = 1; other <= doors.size(); ++other)
            if (other != door && (group & (1u << (other - 1))) != 0 && doors[other - 1].is_leaf_open) return true;
    }
    return false;
}

Reason PassRules::decide(const CardTable& cards, std::uint32_t number, unsigned door, std::uint32_t pin, control::LocalTime now) const {
    if (host_decides) return Reason::pc_control;
    const Card* card = cards.find(number);
    if (!card) return Reason::no_privilege;
    if (!is_within(now, card->from, card->to)) return Reason::time_zone;
    const std::uint8_t permission = card->doors[door - 1];
    if (permission == 0) return Reason::no_privilege;
    if (permission > 1 && !profile_allows(permission, now)) return Reason::time_zone;
    if (doors[door - 1].mode == 2) return Reason::door_normally_closed;
    if (has_keypad[door - 1] && card->pin != 0 && card->pin != pin) return Reason::wrong_pin;
    if (const Passage* way = passage(anti_passback, door)) {
        const auto known = is_inside.find(number);
        if (known != is_inside.end())
            if (const auto was_in = known->second.find(way->pair); was_in != known->second.end() && was_in->second == way->leads_in)
                return Reason::anti_passback;
    }
    if (is_interlocked(door)) return Reason::interlock;
    return Reason::granted;
}

void PassRules::passed(std::uint32_t card, unsigned door) {
    if (const Passage* way = passage(anti_passback, door)) is_inside[card][way->pair] = way->leads_in;
}

} // namespace gatehouse::simulators::uhppote
