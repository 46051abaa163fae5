// SPDX-License-Identifier: Apache-2.0
//
// What the handlers share: answers, bodies, bounded numbers and times of a query, the audit note before an answer.
#pragma once

#include "daemon/base/json.hpp"
#include "daemon/console/problem.hpp"
#include "daemon/console/route.hpp"

namespace gatehouse::console::inside {

constexpr std::size_t body_bytes_max = 64 * 1024;

net::HttpResponse json_answer(const json::value& value, int status = 200);
net::HttpResponse text_answer(std::string text, std::string_view media_type);

/// The body as an object whose members all stand in the route's table, have their type, and are there when they must be. Fault::malformed
/// says what is wrong.
Result<json::object> body_of(const Asking& asking);

/// A whole number of the query within bounds; missing: `otherwise`.
Result<std::uint64_t> number_of(const Asking& asking, const std::string& name, std::uint64_t least, std::uint64_t most, std::uint64_t otherwise);
Result<std::optional<Time>> time_of(const Asking& asking, const std::string& name);

/// Comes back once the act is on disk; an error goes to the caller instead of the answer.
Task<Done> note_act(Parts& parts, const Asking& asking, Kind kind, std::string what, std::int64_t count);

json::value time_or_null(const std::optional<Time>& time);

} // namespace gatehouse::console::inside
