// SPDX-License-Identifier: Apache-2.0
//
// The cards that a controller knows, in numbered slots. A deleted slot stays, marked, until everything is deleted: so
// listing by index meets holes, as on the real board.
#pragma once

#include "tests/simulators/devices/uhppote/wire.hpp"

#include <unordered_map>

namespace gatehouse::simulators::uhppote {

struct Card {
    std::uint32_t number = 0;
    Date from{};
    Date to{};
    std::array<std::uint8_t, 4> doors{}; // 0 no, 1 always, 2..254 by that time profile
    std::uint32_t pin = 0;               // 0 none
    std::uint8_t first_card = 0;
};

/// As put-card has it, at bytes 8 to 27; also how get-card answers.
Card read_card(View bytes);
void put_card(Bytes& bytes, const Card& card);

class CardTable {
public:
    explicit CardTable(std::size_t cards_max) : cards_max_(cards_max) {}

    /// Overwrites a card of that number. False: full, or a number that no card may have.
    bool put(const Card& card);
    bool remove(std::uint32_t number);
    void clear();

    const Card* find(std::uint32_t number) const;
    /// 1-based. Number 0: beyond the last slot; 0xFFFFFFFF: deleted.
    Card at(std::uint32_t slot) const;

    std::size_t size() const { return slot_of_.size(); }
    const std::vector<Card>& slots() const { return slots_; }

private:
    std::size_t cards_max_;
    std::vector<Card> slots_;
    std::unordered_map<std::uint32_t, std::size_t> slot_of_;
};

} // namespace gatehouse::simulators::uhppote
