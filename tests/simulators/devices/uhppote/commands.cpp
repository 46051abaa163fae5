// SPDX-License-Identifier: Apache-2.0
//
// How tests and the demo command the controller: events, faults, cards, state.
#include "tests/simulators/devices/uhppote/controller.hpp"

#include <boost/asio/ip/address_v4.hpp>

#include <algorithm>

namespace gatehouse::simulators::uhppote {
namespace json = boost::json;
namespace {

constexpr std::array known_faults{
    control::FaultName{"mute", "hears nothing and says nothing, without closing anything"},
    control::FaultName{"drop_replies", "obeys, but the reply is lost (p)"},
    control::FaultName{"duplicate", "a datagram goes out twice (p)"},
    control::FaultName{"reorder", "a datagram is overtaken by the next one (p)"},
    control::FaultName{"lose_pushes", "an event is stored but its push is lost (p)"},
    control::FaultName{"wrong_length", "a datagram is cut or filled to \"bytes\" (63)"},
    control::FaultName{"wrong_serial", "a datagram carries another serial number (p)"},
    control::FaultName{"junk", "status and events hold junk after byte 54"},
    control::FaultName{"scrambled", "a newer board: 0x19 or 0x1A first, the rest scrambled"},
    control::FaultName{"slow", "replies come \"ms\" late (1000)"},
    control::FaultName{"bad_dates", "events without a real time; \"as\" zero, century or nibbles"},
    control::FaultName{"refuse_cards", "put-card answers 0 (p)"},
    control::FaultName{"clear_log", "at once: somebody clears the log, the index restarts at 1"},
    control::FaultName{"wrap", "at once: memory wraps, the oldest \"lost\" are overwritten"},
    control::FaultName{"listener_stolen", "at once: another program sets the listener to \"address\":\"port\""},
};

unsigned number_in(const json::object& what, std::string_view name, unsigned otherwise) {
    const auto* value = what.if_contains(name);
    if (!value) return otherwise;
    boost::system::error_code wrong;
    const auto number = value->to_number<std::uint32_t>(wrong);
    if (wrong) throw control::Refused(std::string(name) + " is not a number from 0 to 4294967295");
    return number;
}

std::string text_in(const json::object& what, std::string_view name, std::string otherwise) {
    const auto* value = what.if_contains(name);
    if (!value) return otherwise;
    if (!value->is_string()) throw control::Refused(std::string(name) + " is not text");
    return std::string(value->get_string());
}

std::uint8_t byte_in(const json::object& what, std::string_view name) { return static_cast<std::uint8_t>(number_in(what, name, 0)); }

Date date_in(const json::object& what, std::string_view name, std::string otherwise) {
    const std::string text = text_in(what, name, std::move(otherwise));
    Date date{};
    std::string digits;
    std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
    if (digits.size() != 8) throw control::Refused(std::string(name) + " is not a date such as 2026-01-31");
    for (std::size_t i = 0; i < 4; ++i) date[i] = static_cast<std::uint8_t>((digits[2 * i] - '0') << 4 | (digits[2 * i + 1] - '0'));
    return date;
}

std::string text_of(const Date& date) {
    char text[16];
    std::snprintf(text, sizeof text, "%02x%02x-%02x-%02x", date[0], date[1], date[2], date[3]);
    return text;
}

std::string address_of(const Ip& ip) { return boost::asio::ip::address_v4(ip).to_string(); }

Card card_in(const json::object& what) {
    Card card;
    card.number = number_in(what, "card", 0);
    card.from = date_in(what, "from", "2020-01-01");
    card.to = date_in(what, "to", "2099-12-31");
    card.pin = number_in(what, "pin", 0);
    card.doors.fill(1);
    if (const auto* doors = what.if_contains("doors")) {
        if (!doors->is_array() || doors->get_array().size() > 4) throw control::Refused("doors is not a list of up to four");
        card.doors.fill(0);
        std::size_t i = 0;
        for (const json::value& door : doors->get_array()) card.doors[i++] = static_cast<std::uint8_t>(door.to_number<unsigned>());
    }
    return card;
}

json::object to_json(const Card& card) {
    json::array doors;
    for (const std::uint8_t permission : card.doors) doors.push_back(permission);
    return {{"card", card.number}, {"from", text_of(card.from)}, {"to", text_of(card.to)}, {"doors", std::move(doors)}, {"pin", card.pin}};
}

control::LedgerRow recorded(std::optional<control::LedgerRow> row) {
    if (!row) throw control::Refused("it happened, but the board records no such event: special events are off");
    return *row;
}

} // namespace

json::object Controller::state() {
    json::array doors;
    for (unsigned i = 0; i < board_.doors; ++i) {
        const Door& each = rules_.doors[i];
        doors.push_back(json::object{{"mode", each.mode},
                                     {"delay_s", each.delay_s},
                                     {"unlocked", each.mode == 1 || clock_.real() < each.unlocked_until},
                                     {"open", each.is_leaf_open}});
    }
    return {{"serial", board_.serial},
            {"address", address_of(board_.address)},
            {"clock", control::iso_local(clock_.local())},
            {"clock_offset_s", std::chrono::duration<double>(clock_.offset()).count()},
            {"first", memory_.first()},
            {"last", memory_.last()},
            {"held", memory_.size()},
            {"cards", cards_.size()},
            {"special_events", records_special_},
            {"pc_control", pc_control_},
            {"event_index", event_index_},
            {"refused", datagrams_refused_},
            {"listener", json::object{{"address", address_of(listener_.address)}, {"port", listener_.port}, {"interval_s", listener_.interval_s}}},
            {"doors", std::move(doors)}};
}

control::LedgerRow Controller::event(const json::object& what) {
    const std::string deed = text_in(what, "do", "swipe");
    const unsigned number = number_in(what, "door", 1);
    if (deed == "swipe") {
        const auto direction = text_in(what, "direction", "in") == "out" ? Direction::out : Direction::in;
        return recorded(swipe(number_in(what, "card", 0), number, direction, number_in(what, "pin", 0)));
    }
    if (deed == "button") return recorded(press_button(number));
    if (deed == "open") return recorded(open_leaf(number));
    if (deed == "close") return recorded(close_leaf(number));
    if (deed == "hold") return recorded(hold_leaf(number));
    if (deed == "raw")
        return record({.type = byte_in(what, "type"),
                       .granted = number_in(what, "granted", 0) != 0,
                       .door = byte_in(what, "door"),
                       .direction = byte_in(what, "direction"),
                       .card = number_in(what, "card", 0),
                       .reason = byte_in(what, "reason")});
    throw control::Refused("do is swipe, button, open, close, hold or raw, not " + deed);
}

control::LedgerRow Controller::random_event(std::mt19937_64& random) {
    // std::uniform_int_distribution differs between libraries; a plain remainder is the same everywhere.
    const auto draw = [&random](std::uint64_t bound) { return static_cast<unsigned>(random() % bound); };
    const unsigned number = 1 + draw(board_.doors);
    const auto direction = draw(2) == 0 ? Direction::in : Direction::out;
    const unsigned what = draw(100);
    if (what < 2) {
        auto row = record({.type = 3, .door = static_cast<std::uint8_t>(number), .card = 4 + number, .reason = 38});
        return row;
    }
    if (what < 4) return record({.type = 3, .door = static_cast<std::uint8_t>(number), .card = 4 + number, .reason = 37});
    if (what < 20 && records_special_) {
        constexpr std::array<std::uint8_t, 3> special{20, 23, 24};
        return record({.type = 2,
                       .granted = true,
                       .door = static_cast<std::uint8_t>(number),
                       .direction = 1,
                       .card = 4 + number,
                       .reason = special[draw(special.size())]});
    }
    const bool is_stranger = what < 28 || cards_.slots().empty();
    std::uint32_t card = is_stranger ? 20'000'000 + draw(60'000) : cards_.slots()[draw(cards_.slots().size())].number;
    if (card == 0xFFFFFFFF) card = 20'060'000;
    return *swipe(card, number, direction);
}

std::span<const control::FaultName> Controller::faults() const { return known_faults; }

bool Controller::fault_was_set(std::string_view name, const json::object& arguments) {
    if (name == "clear_log") {
        memory_.clear();
        return true;
    }
    if (name == "wrap") {
        memory_.drop_oldest(number_in(arguments, "lost", 2048));
        return true;
    }
    if (name == "listener_stolen") {
        boost::system::error_code wrong;
        const auto ip = boost::asio::ip::make_address_v4(text_in(arguments, "address", "127.0.0.1"), wrong);
        if (wrong) throw control::Refused("address is not an IPv4 address");
        set_listener({.address = ip.to_bytes(), .port = static_cast<std::uint16_t>(number_in(arguments, "port", 61000)), .interval_s = 0});
        return true;
    }
    return false;
}

void Controller::set_clock(std::chrono::microseconds offset, std::optional<double> drift_ppm) {
    clock_.set_offset(offset);
    if (drift_ppm) clock_.set_drift(*drift_ppm);
}

std::optional<json::value> Controller::request(std::string_view verb, std::string_view target, const json::object& body) {
    if (verb == "GET" && target == "/cards") {
        json::array all;
        for (const Card& card : cards_.slots())
            if (card.number != 0xFFFFFFFF) all.push_back(to_json(card));
        return all;
    }
    if (verb == "POST" && target == "/cards") {
        const auto* list = body.if_contains("cards");
        if (!list || !list->is_array()) throw control::Refused("cards is not a list");
        for (const json::value& each : list->get_array()) {
            const Card card = card_in(each.as_object());
            if (!cards_.put(card)) throw control::Refused("card " + std::to_string(card.number) + " was not taken");
        }
        return json::object{{"cards", cards_.size()}};
    }
    if (verb == "POST" && target == "/special_events") {
        const auto* on = body.if_contains("on");
        records_special_ = on && on->is_bool() && on->get_bool();
        return json::object{{"special_events", records_special_}};
    }
    return std::nullopt;
}

} // namespace gatehouse::simulators::uhppote
