// SPDX-License-Identifier: Apache-2.0
//
// What the handlers share: answers, and the audit note before one.
#pragma once

#include "daemon/base/json.hpp"
#include "daemon/console/problem.hpp"
#include "daemon/console/reading.hpp"

namespace gatehouse::console::inside {

net::HttpResponse json_answer(const json::value& value, int status = 200);
net::HttpResponse text_answer(std::string text, std::string_view media_type);

/// Comes back once the act is on disk; an error goes to the caller instead of the answer.
Task<Done> note_act(Parts& parts, const Asking& asking, Kind kind, std::string what, std::int64_t count);

json::value time_or_null(const std::optional<Time>& time);

} // namespace gatehouse::console::inside
