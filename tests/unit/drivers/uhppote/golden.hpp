// SPDX-License-Identifier: Apache-2.0
//
// Reads tests/golden/uhppote/NAME.hex: '#' lines are words, '>' begins a request, '<' an answer, further lines go on with it.
#pragma once

#include "daemon/base/bytes.hpp"
#include "tests/paths.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace gatehouse::drivers::uhppote {

struct Golden {
    std::vector<Bytes> requests, answers;
};

inline Golden golden(const std::string& name) {
    std::ifstream file(tests::source_path("tests/golden/uhppote/") + name + ".hex");
    REQUIRE_MESSAGE(file.good(), name);
    std::string line, source;
    std::getline(file, source);
    REQUIRE_MESSAGE(source.starts_with("# uhppoted/"), "the first line names the source");
    std::vector<std::pair<char, std::string>> found;
    while (std::getline(file, line)) {
        if (line.starts_with('#')) continue;
        if (line.starts_with('>') || line.starts_with('<')) found.emplace_back(line[0], "");
        REQUIRE(!found.empty());
        for (const char c : line)
            if (std::isxdigit(static_cast<unsigned char>(c)) != 0) found.back().second += c;
    }
    Golden golden;
    for (const auto& [direction, hex] : found) {
        auto bytes = from_hex(hex);
        REQUIRE_MESSAGE(bytes.has_value(), name);
        (direction == '>' ? golden.requests : golden.answers).push_back(*bytes);
    }
    return golden;
}

/// Every decoder refuses what is cut, too long, of another function, of another family, and from nobody.
template <class Decode>
void check_refusals(const Bytes& good, Decode decode) {
    REQUIRE(decode(good).has_value());
    auto refuses = [&](Bytes bytes) {
        const auto decoded = decode(bytes);
        REQUIRE(!decoded.has_value());
        CHECK(decoded.error().fault() == Fault::malformed);
    };
    refuses(Bytes());
    refuses(Bytes(good.begin(), good.end() - 1));
    auto bytes = good;
    bytes.push_back(0);
    refuses(bytes);
    bytes = good;
    bytes[0] = 0x1a;
    refuses(bytes);
    bytes = good;
    bytes[1] = 0x7f;
    refuses(bytes);
    bytes = good;
    std::fill(bytes.begin() + 4, bytes.begin() + 8, std::uint8_t{0});
    refuses(bytes);
}

inline bool is_same(const auto& packet, const Bytes& bytes) { return std::equal(packet.begin(), packet.end(), bytes.begin(), bytes.end()); }

constexpr std::uint32_t serial = 425316788;

} // namespace gatehouse::drivers::uhppote
