// SPDX-License-Identifier: Apache-2.0
//
// What a request holds, read for its handler: the body, bounded numbers and times of the query.
#pragma once

#include "daemon/base/json.hpp"
#include "daemon/console/route.hpp"

namespace gatehouse::console {

constexpr std::size_t body_bytes_max = 64 * 1024;

/// The body as an object whose members all stand in the route's table, have their type, and are there when they must be. Fault::malformed
/// says what is wrong.
Result<json::object> body_of(const Asking& asking);

/// A whole number of the query within bounds; missing: `otherwise`.
Result<std::uint64_t> number_of(const Asking& asking, const std::string& name, std::uint64_t least, std::uint64_t most, std::uint64_t otherwise);
Result<std::optional<Time>> time_of(const Asking& asking, const std::string& name);

} // namespace gatehouse::console
