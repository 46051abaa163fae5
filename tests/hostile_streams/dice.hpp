// SPDX-License-Identifier: Apache-2.0
//
// What one seed decides: numbers, bytes and bit flips of one hostile exchange.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/entropy.hpp"

#include <algorithm>
#include <vector>

namespace gatehouse::hostile {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : entropy_(seed) {}

    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : static_cast<std::size_t>(entropy_.below(bound)); }
    std::size_t from_to(std::size_t from, std::size_t to) { return from + below(to - from + 1); }
    bool one_in(std::size_t n) { return below(n) == 0; }
    std::uint8_t byte() { return static_cast<std::uint8_t>(below(256)); }
    std::uint32_t word() { return static_cast<std::uint32_t>(entropy_.number()); }
    Bytes noise(std::size_t bytes) {
        Bytes made(bytes);
        entropy_.fill(made);
        return made;
    }
    template <class All>
    auto& pick(All& all) {
        return all[below(all.size())];
    }
    template <class All>
    void shuffle(All& all) {
        for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[below(i)]);
    }
    /// From byte `first` on.
    template <class Text>
    void flip_bits(Text& text, std::size_t count, std::size_t first = 0) {
        if (text.size() <= first) return;
        for (std::size_t i = 0; i < count; ++i) {
            auto& one = text[first + below(text.size() - first)];
            one = static_cast<std::remove_reference_t<decltype(one)>>(one ^ (1 << below(8)));
        }
    }
    template <class Text>
    void cut(Text& text) {
        text.resize(below(text.size() + 1));
    }

private:
    SeededEntropy entropy_;
};

} // namespace gatehouse::hostile
