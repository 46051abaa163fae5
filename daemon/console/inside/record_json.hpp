// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/base/json.hpp"
#include "daemon/store/store.hpp"

namespace gatehouse::console::inside {

/// `personal`: subject, details and pictures too; else "withheld" says that they were left out.
json::object to_json(const store::StoredRecord& record, bool personal);

} // namespace gatehouse::console::inside
