// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/registry/validity/flaw.hpp"

#include <string>

namespace gatehouse::registry::validity {

/// Digits as dialled at home ("13812345678", "057187654321", "4001234567"), others with their country ("+85291234567").
Judged<std::string> judge_phone(std::string_view text);

} // namespace gatehouse::registry::validity
