// SPDX-License-Identifier: Apache-2.0
//
// What the controller answers, function by function, as the wire has it.
#include "tests/simulators/devices/uhppote/controller.hpp"

#include <algorithm>

namespace gatehouse::simulators::uhppote {
namespace {

bool has_magic(View request, std::size_t at) { return u32_at(request, at) == magic_word; }

Ip ip_at(View request, std::size_t at) { return {request[at], request[at + 1], request[at + 2], request[at + 3]}; }

bool is_door(const Board& board, std::uint8_t door) { return door >= 1 && door <= board.doors; }

} // namespace

std::optional<Bytes> Controller::answer(View request) {
    const bool is_ours = request.size() == message_bytes && request[0] == 0x17;
    const bool is_discovery = is_ours && request[1] == 0x94 && u32_at(request, 4) == 0;
    if (!is_ours || (u32_at(request, 4) != board_.serial && !is_discovery)) {
        ++datagrams_refused_;
        return std::nullopt;
    }
    host_heard_ = clock_.real();
    const std::uint8_t function = request[1];
    for (const auto group :
         {&Controller::answer_clock_and_doors, &Controller::answer_cards, &Controller::answer_events, &Controller::answer_settings})
        if (auto reply = (this->*group)(function, request)) return reply;
    if (function != 0x96) ++datagrams_refused_;
    return std::nullopt;
}

Bytes Controller::status(std::uint8_t first_byte) {
    Bytes reply = message(0x20, board_.serial);
    reply[0] = first_byte;
    if (const Event* newest = memory_.newest()) put_event(reply, *newest);
    for (unsigned i = 0; i < board_.doors; ++i) {
        const Door& each = rules_.doors[i];
        reply[28 + i] = each.is_leaf_open ? 1 : 0;
        reply[32 + i] = each.is_button_pressed ? 1 : 0;
        const bool is_unlocked = each.mode == 1 || clock_.real() < each.unlocked_until;
        reply[49] = static_cast<std::uint8_t>(reply[49] | (is_unlocked ? 1u << i : 0u));
    }
    reply[36] = system_error_;
    const DateTime now = bcd(clock_.local());
    std::copy_n(now.begin() + 4, 3, reply.begin() + 37);
    put_u32(reply, 40, sequence_);
    std::copy_n(now.begin() + 1, 3, reply.begin() + 51);
    return reply;
}

std::optional<Bytes> Controller::answer_clock_and_doors(std::uint8_t function, View request) {
    Bytes reply = message(function, board_.serial);
    switch (function) {
    case 0x20: return status(0x17);
    case 0x30:
        if (const auto wanted = read_bcd(request.subspan(8, 7))) clock_.set_local(*wanted);
        put_all(reply, 8, bcd(clock_.local()));
        return reply;
    case 0x32: put_all(reply, 8, bcd(clock_.local())); return reply;
    case 0x40: {
        const std::uint8_t number = request[8];
        const bool opens = is_door(board_, number) && unlock(number);
        reply[8] = opens ? 1 : 0;
        if (opens) record({.type = 2, .granted = true, .door = number, .direction = 1, .card = 3'922'570'474, .reason = 44});
        return reply;
    }
    case 0x80:
        // A board that is told nonsense keeps what it had and shows it.
        if (is_door(board_, request[8]) && request[9] >= 1 && request[9] <= 3 && request[10] != 0) {
            door(request[8]).mode = request[9];
            door(request[8]).delay_s = request[10];
        }
        [[fallthrough]];
    case 0x82:
        reply[8] = request[8];
        if (is_door(board_, request[8])) {
            reply[9] = door(request[8]).mode;
            reply[10] = door(request[8]).delay_s;
        }
        return reply;
    case 0x8C: {
        const bool is_known = is_door(board_, request[8]);
        for (std::size_t i = 0; is_known && i < 4; ++i) passcodes_[request[8] - 1u][i] = u32_at(request, 12 + 4 * i);
        reply[8] = is_known ? 1 : 0;
        return reply;
    }
    default: return std::nullopt;
    }
}

std::optional<Bytes> Controller::answer_cards(std::uint8_t function, View request) {
    Bytes reply = message(function, board_.serial);
    switch (function) {
    case 0x50: reply[8] = !faults_.strikes("refuse_cards") && cards_.put(read_card(request)) ? 1 : 0; return reply;
    case 0x52: reply[8] = cards_.remove(u32_at(request, 8)) ? 1 : 0; return reply;
    case 0x54:
        if (has_magic(request, 8)) cards_.clear();
        reply[8] = has_magic(request, 8) ? 1 : 0;
        return reply;
    case 0x58: put_u32(reply, 8, static_cast<std::uint32_t>(cards_.size())); return reply;
    case 0x5A:
        if (const Card* card = cards_.find(u32_at(request, 8))) put_card(reply, *card);
        return reply;
    case 0x5C: put_card(reply, cards_.at(u32_at(request, 8))); return reply;
    default: return std::nullopt;
    }
}

std::optional<Bytes> Controller::answer_events(std::uint8_t function, View request) {
    Bytes reply = message(function, board_.serial);
    switch (function) {
    case 0x8E:
        records_special_ = request[8] == 1;
        reply[8] = 1;
        return reply;
    case 0x90: {
        const Listener wanted{.address = ip_at(request, 8), .port = u16_at(request, 12), .interval_s = request[14]};
        set_listener(wanted);
        reply[8] = 1;
        return reply;
    }
    case 0x92:
        put_all(reply, 8, listener_.address);
        put_u16(reply, 12, listener_.port);
        reply[14] = listener_.interval_s;
        return reply;
    case 0xB0: put_event(reply, memory_.find(u32_at(request, 8))); return reply;
    case 0xB2: {
        // As on the real board: 0 when the number is the one that it has already.
        const bool changes = has_magic(request, 12) && u32_at(request, 8) != event_index_;
        if (changes) event_index_ = u32_at(request, 8);
        reply[8] = changes ? 1 : 0;
        return reply;
    }
    case 0xB4: put_u32(reply, 8, event_index_); return reply;
    default: return std::nullopt;
    }
}

std::optional<Bytes> Controller::answer_settings(std::uint8_t function, View request) {
    Bytes reply = message(function, board_.serial);
    const auto ok = [&reply](bool was_done) {
        reply[8] = was_done ? 1 : 0;
        return reply;
    };
    switch (function) {
    case 0x84: rules_.anti_passback = request[8]; return ok(request[8] <= 4);
    case 0x86: reply[8] = rules_.anti_passback; return reply;
    case 0x88: {
        const TimeProfile profile = read_profile(request);
        const bool is_sound = profile.id >= 2 && profile.id <= 254 && profile.linked != profile.id;
        if (is_sound) rules_.profiles.insert_or_assign(profile.id, profile);
        return ok(is_sound);
    }
    case 0x98:
        if (const auto found = rules_.profiles.find(request[8]); found != rules_.profiles.end()) put_profile(reply, found->second);
        return reply;
    case 0x8A:
        if (has_magic(request, 8)) rules_.profiles.clear();
        return ok(has_magic(request, 8));
    case 0x94:
        put_all(reply, 8, board_.address);
        put_all(reply, 12, board_.mask);
        put_all(reply, 16, board_.gateway);
        for (unsigned i = 0; i < 4; ++i) reply[22 + i] = static_cast<std::uint8_t>(board_.serial >> (24 - 8 * i));
        reply[21] = 0x66;
        reply[26] = static_cast<std::uint8_t>(board_.firmware >> 8);
        reply[27] = static_cast<std::uint8_t>(board_.firmware);
        put_all(reply, 28, board_.firmware_date);
        return reply;
    case 0x96: return std::nullopt; // a real one restarts its network without a word; ours keeps its address
    case 0xA0:
        if (has_magic(request, 8)) pc_control_ = request[12] == 1;
        return ok(has_magic(request, 8));
    case 0xA2: rules_.interlock = request[8]; return ok(true);
    case 0xA4:
        for (std::size_t i = 0; i < 4; ++i) rules_.has_keypad[i] = request[8 + i] == 1;
        return ok(true);
    case 0xA6:
        if (has_magic(request, 8)) tasks_.clear();
        return ok(has_magic(request, 8));
    case 0xA8: tasks_.emplace_back(request.begin() + 8, request.begin() + 28); return ok(true);
    case 0xAC: return ok(has_magic(request, 8));
    case 0xAA: first_cards_.emplace_back(request.begin() + 8, request.begin() + 22); return ok(is_door(board_, request[8]));
    case 0xC8:
        if (has_magic(request, 8)) restore_defaults();
        return ok(has_magic(request, 8));
    default: return std::nullopt;
    }
}

} // namespace gatehouse::simulators::uhppote
