// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/uhppote/line.hpp"

#include <utility>

namespace gatehouse::simulators::uhppote {

void Line::spoil(Bytes& datagram) {
    const auto junk = [this] { return static_cast<std::uint8_t>(random_()); };
    if (datagram[1] == 0x20 && faults_.strikes("junk"))
        for (std::size_t i = 54; i < datagram.size(); ++i) datagram[i] = junk();
    if (faults_.strikes("wrong_serial")) put_u32(datagram, 4, u32_at(datagram, 4) + 1);
    if (faults_.strikes("scrambled")) {
        datagram[0] = random_() % 2 == 0 ? 0x19 : 0x1A;
        for (std::size_t i = 1; i < datagram.size(); ++i) datagram[i] = junk();
    }
    if (faults_.is_set("wrong_length")) {
        const auto bytes = static_cast<std::size_t>(faults_.number("wrong_length", "bytes", 63));
        if (faults_.strikes("wrong_length")) datagram.resize(bytes);
    }
}

std::vector<Line::Sending> Line::pass(Bytes datagram, Way way, std::uint64_t to) {
    if (faults_.strikes("mute")) return {};
    if (way == Way::reply && faults_.strikes("drop_replies")) return {};
    if (way == Way::push && faults_.strikes("lose_pushes")) return {};

    const auto slow_ms = static_cast<std::int64_t>(faults_.number("slow", "ms", 1000));
    const bool is_late = way == Way::reply && faults_.strikes("slow");
    spoil(datagram);
    Sending sending{std::move(datagram), way, to, std::chrono::milliseconds(is_late ? slow_ms : 0)};

    if (held_.empty() && faults_.strikes("reorder")) {
        held_.push_back(std::move(sending));
        return {};
    }
    std::vector<Sending> out;
    if (faults_.strikes("duplicate")) out.push_back(sending);
    out.push_back(std::move(sending));
    for (Sending& overtaken : release()) out.push_back(std::move(overtaken));
    return out;
}

std::vector<Line::Sending> Line::release() { return std::exchange(held_, {}); }

} // namespace gatehouse::simulators::uhppote
