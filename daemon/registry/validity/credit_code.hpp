// SPDX-License-Identifier: Apache-2.0
//
// GB 32100-2015: the unified social credit code (统一社会信用代码), 18 places: registering department, kind, six digits of area, nine of the
// organisation, one to check.
#pragma once

#include "daemon/registry/validity/flaw.hpp"

#include <string>

namespace gatehouse::registry::validity {

Judged<std::string> judge_credit_code(std::string_view text);

/// The check place for seventeen; each stands in the standard's alphabet.
char credit_check(std::string_view seventeen);

} // namespace gatehouse::registry::validity
