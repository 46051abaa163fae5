// SPDX-License-Identifier: Apache-2.0
//
// What people type, made plain before it is judged.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::registry::validity {

bool all_digits(std::string_view text);

/// Capitals; full-width letters and digits (an input method left on) as ASCII; without blanks, hyphens, dots and middle dots.
std::string plain_code(std::string_view text);

} // namespace gatehouse::registry::validity
