// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/base/entropy.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace gatehouse::fuzz {

/// The bytes in pieces of 1 to `bytes_max` bytes; how they are cut follows from the bytes.
inline std::vector<std::string_view> cut(std::string_view bytes, std::size_t bytes_max) {
    SeededEntropy chance(seed_of(bytes));
    std::vector<std::string_view> pieces;
    while (!bytes.empty()) {
        const auto size = std::min<std::size_t>(bytes.size(), 1 + chance.below(bytes_max));
        pieces.push_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return pieces;
}

/// Takes the first line off, without its end.
inline std::string_view first_line(std::string_view& bytes) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    auto line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

} // namespace gatehouse::fuzz
