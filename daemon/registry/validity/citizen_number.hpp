// SPDX-License-Identifier: Apache-2.0
//
// GB 11643-1999: the citizen's identity number, 18 places: six of area, eight of birth, three of sequence (odd: male), one to check.
#pragma once

#include "daemon/registry/validity/flaw.hpp"

#include <string>

namespace gatehouse::registry::validity {

struct CitizenNumber {
    std::string number; ///< 17 digits and a digit or X
    std::string area;
    std::string born; ///< YYYY-MM-DD
    bool is_male = false;
};

/// `today`: YYYY-MM-DD; who is born later is a slip of the pen.
Judged<CitizenNumber> judge_citizen_number(std::string_view text, std::string_view today);

/// The check place for seventeen digits: ISO 7064, MOD 11-2.
char citizen_check(std::string_view seventeen_digits);

/// YYYY-MM-DD of a day that exists, from 1850 to 2199.
Judged<std::string> judge_day(std::string_view text);

} // namespace gatehouse::registry::validity
