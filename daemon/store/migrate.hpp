// SPDX-License-Identifier: Apache-2.0
//
// From any older schema to the present one, all steps in one transaction; `user_version` counts the steps done. Steps are
// files of schema/, frozen once released; a file from a newer version is refused, not guessed at.
#pragma once

#include "daemon/store/sqlite.hpp"

#include <span>
#include <string_view>

namespace gatehouse::store {

struct Migration {
    std::string_view name; ///< "0001_event_log"
    std::string_view sql;
};

std::span<const Migration> migrations();

/// Fault::unsupported: written by a newer version. Idempotent.
Done migrate(Connection& connection);

} // namespace gatehouse::store
