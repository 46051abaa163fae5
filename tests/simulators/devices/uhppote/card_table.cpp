// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/uhppote/card_table.hpp"

#include <algorithm>

namespace gatehouse::simulators::uhppote {
namespace {

constexpr std::uint32_t deleted = 0xFFFFFFFF;
constexpr std::uint32_t pin_max = 999'999;

} // namespace

Card read_card(View bytes) {
    Card card;
    card.number = u32_at(bytes, 8);
    std::copy_n(bytes.begin() + 12, 4, card.from.begin());
    std::copy_n(bytes.begin() + 16, 4, card.to.begin());
    std::copy_n(bytes.begin() + 20, 4, card.doors.begin());
    card.pin = u24_at(bytes, 24) % (pin_max + 1);
    card.first_card = bytes[27];
    return card;
}

void put_card(Bytes& bytes, const Card& card) {
    put_u32(bytes, 8, card.number);
    put_all(bytes, 12, card.from);
    put_all(bytes, 16, card.to);
    put_all(bytes, 20, card.doors);
    put_u24(bytes, 24, card.pin);
    bytes[27] = card.first_card;
}

bool CardTable::put(const Card& card) {
    if (card.number == 0 || card.number == deleted || card.number == 0x00FFFFFF) return false;
    if (const auto known = slot_of_.find(card.number); known != slot_of_.end()) {
        slots_[known->second] = card;
        return true;
    }
    if (size() >= cards_max_) return false;
    slot_of_.emplace(card.number, slots_.size());
    slots_.push_back(card);
    return true;
}

bool CardTable::remove(std::uint32_t number) {
    const auto known = slot_of_.find(number);
    if (known == slot_of_.end()) return false;
    slots_[known->second] = Card{.number = deleted};
    slot_of_.erase(known);
    return true;
}

void CardTable::clear() {
    slots_.clear();
    slot_of_.clear();
}

const Card* CardTable::find(std::uint32_t number) const {
    const auto known = slot_of_.find(number);
    return known == slot_of_.end() ? nullptr : &slots_[known->second];
}

Card CardTable::at(std::uint32_t slot) const {
    if (slot < 1 || slot > slots_.size()) return {};
    return slots_[slot - 1];
}

} // namespace gatehouse::simulators::uhppote
