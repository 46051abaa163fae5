// SPDX-License-Identifier: Apache-2.0
//
// GB/T 2260: codes of administrative divisions, as structure and province.
#pragma once

#include "daemon/registry/validity/flaw.hpp"

#include <string>

namespace gatehouse::registry::validity {

/// "浙江省" for "33"; empty: no province. 83 stands in residence permits of Taiwan compatriots alone.
std::string_view province_of(std::string_view two_digits);

/// Six digits: a province, and no county without a prefecture. Answers the code.
Judged<std::string> judge_area(std::string_view text);

} // namespace gatehouse::registry::validity
