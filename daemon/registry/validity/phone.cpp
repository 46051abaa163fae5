// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/validity/phone.hpp"

#include "daemon/registry/validity/reading.hpp"

namespace gatehouse::registry::validity {

namespace {

bool is_mobile(std::string_view digits) { return digits.size() == 11 && digits[0] == '1' && digits[1] >= '3'; }

/// 0, two or three digits of the place, seven or eight of the line, which begins with 2 to 9.
bool is_fixed(std::string_view digits) {
    if (digits.size() < 10 || digits.size() > 12 || digits[0] != '0' || digits[1] == '0') return false;
    const bool is_short_place = digits[1] == '1' || digits[1] == '2';
    const auto line = digits.substr(is_short_place ? 3 : 4);
    return (line.size() == 7 || line.size() == 8) && line[0] >= '2';
}

bool is_service(std::string_view digits) { return digits.size() == 10 && (digits.starts_with("400") || digits.starts_with("800")); }

} // namespace

Judged<std::string> judge_phone(std::string_view text) {
    if (text.empty()) return Flaw::missing;
    if (text.size() > value_bytes_max) return Flaw::too_long;
    std::string plain;
    for (const char c : plain_code(text))
        if (c != '(' && c != ')') plain.push_back(c);
    bool is_abroad = plain.starts_with("+");
    if (is_abroad) plain.erase(0, 1);
    if (!is_abroad && plain.starts_with("00")) {
        is_abroad = true;
        plain.erase(0, 2);
    }
    if (plain.empty() || !all_digits(plain)) return Flaw::wrong_character;
    const bool is_home = !is_abroad || plain.starts_with("86");
    if (is_abroad && is_home) {
        plain.erase(0, 2);
        if (!is_mobile(plain) && !is_service(plain)) plain.insert(0, "0"); // +86 571 …: the trunk 0 is not dialled from abroad
    }
    if (is_home && (is_mobile(plain) || is_fixed(plain) || is_service(plain))) return plain;
    if (!is_home && plain.size() >= 8 && plain.size() <= 15 && plain[0] != '0') return "+" + plain;
    return Flaw::not_a_phone;
}

} // namespace gatehouse::registry::validity
