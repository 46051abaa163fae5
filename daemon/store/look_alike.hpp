// SPDX-License-Identifier: Apache-2.0
//
// Subjects as a tired eye or a dirty camera sees them: "plate:浙A·0I23" and "plate:浙ao123" look alike.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::store {

/// The part after the colon in capitals, without blanks, hyphens and dots, with letters that are taken for digits as those digits.
std::string look_of(std::string_view subject);

} // namespace gatehouse::store
