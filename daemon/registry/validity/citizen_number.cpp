// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/validity/citizen_number.hpp"

#include "daemon/base/text.hpp"
#include "daemon/registry/validity/area.hpp"
#include "daemon/registry/validity/reading.hpp"

#include <array>

namespace gatehouse::registry::validity {

namespace {

constexpr std::array weights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}; // 2^(18-i) mod 11
constexpr std::string_view checks = "10X98765432";

int days_of(int year, int month) {
    constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leaps = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[static_cast<std::size_t>(month - 1)] + (month == 2 && leaps ? 1 : 0);
}

} // namespace

char citizen_check(std::string_view seventeen_digits) {
    expects(seventeen_digits.size() == weights.size(), "seventeen digits");
    int sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += (seventeen_digits[i] - '0') * weights[i];
    return checks[static_cast<std::size_t>(sum % 11)];
}

Judged<std::string> judge_day(std::string_view text) {
    if (text.empty()) return Flaw::missing;
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return Flaw::wrong_date_form;
    const auto year = to_number(text.substr(0, 4)), month = to_number(text.substr(5, 2)), day = to_number(text.substr(8, 2));
    if (!year || !month || !day || !all_digits(text.substr(5, 2)) || !all_digits(text.substr(8, 2))) return Flaw::wrong_date_form;
    if (*year < 1850 || *year > 2199 || *month < 1 || *month > 12) return Flaw::impossible_date;
    if (*day < 1 || *day > days_of(static_cast<int>(*year), static_cast<int>(*month))) return Flaw::impossible_date;
    return std::string(text);
}

Judged<CitizenNumber> judge_citizen_number(std::string_view text, std::string_view today) {
    if (text.empty()) return Flaw::missing;
    if (text.size() > value_bytes_max) return Flaw::too_long;
    const auto plain = plain_code(text);
    if (plain.size() != 18) return Flaw::wrong_length;
    const auto digits = std::string_view(plain).substr(0, 17);
    if (!all_digits(digits) || checks.find(plain.back()) == std::string_view::npos) return Flaw::wrong_character;
    const auto area = judge_area(digits.substr(0, 6));
    if (!area) return area.flaw();
    const auto born = plain.substr(6, 4) + "-" + plain.substr(10, 2) + "-" + plain.substr(12, 2);
    if (const auto day = judge_day(born); !day) return day.flaw();
    if (citizen_check(digits) != plain.back()) return Flaw::wrong_check_digit;
    if (born > today) return Flaw::date_to_come;
    return CitizenNumber{plain, *area, born, (plain[16] - '0') % 2 == 1};
}

} // namespace gatehouse::registry::validity
