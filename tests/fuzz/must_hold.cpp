// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/targets.hpp"

#include <cstdio>
#include <cstdlib>

namespace gatehouse::fuzz {

void must_hold(bool condition, std::string_view what) {
    if (condition) return;
    std::fprintf(stderr, "broken: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}

std::uint64_t seed_of(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325u; // FNV-1a
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return hash;
}

} // namespace gatehouse::fuzz
