// SPDX-License-Identifier: Apache-2.0
//
// What a mutated file asks: is it my turn? The first line of each mutated file includes this; no other file does.
#pragma once

#include <cstdlib>
#include <cstring>
#include <type_traits>

namespace gatehouse::mutants {

inline bool is_chosen(const char* name) {
    static const char* const chosen = std::getenv("GATEHOUSE_MUTANT");
    return chosen != nullptr && std::strcmp(chosen, name) == 0;
}

} // namespace gatehouse::mutants

/// Constants computed by the compiler are never mutated: such a bug takes the form `build`.
constexpr bool gatehouse_mutant(const char* name) {
    if (std::is_constant_evaluated()) return false;
    return gatehouse::mutants::is_chosen(name);
}
