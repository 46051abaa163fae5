// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/validity/credit_code.hpp"

#include "daemon/registry/validity/area.hpp"
#include "daemon/registry/validity/reading.hpp"

#include <algorithm>

namespace gatehouse::registry::validity {

namespace {
constexpr std::string_view alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"; // without I, O, S, V, Z
} // namespace

char credit_check(std::string_view seventeen) {
    expects(seventeen.size() == 17, "seventeen places");
    std::size_t sum = 0, weight = 1;
    for (const char c : seventeen) {
        sum += alphabet.find(c) * weight;
        weight = weight * 3 % alphabet.size();
    }
    return alphabet[(alphabet.size() - sum % alphabet.size()) % alphabet.size()];
}

Judged<std::string> judge_credit_code(std::string_view text) {
    if (text.empty()) return Flaw::missing;
    if (text.size() > value_bytes_max) return Flaw::too_long;
    auto plain = plain_code(text);
    if (plain.size() != 18) return Flaw::wrong_length;
    if (!std::all_of(plain.begin(), plain.end(), [](char c) { return alphabet.find(c) != std::string_view::npos; })) return Flaw::wrong_character;
    // 100000: registered with the State itself.
    if (const auto area = judge_area(std::string_view(plain).substr(2, 6)); !area && plain.substr(2, 6) != "100000") return area.flaw();
    if (credit_check(std::string_view(plain).substr(0, 17)) != plain.back()) return Flaw::wrong_check_digit;
    return plain;
}

} // namespace gatehouse::registry::validity
