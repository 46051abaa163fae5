// SPDX-License-Identifier: Apache-2.0
//
// GET /api/v1/devices/{id}/coverage: the records that coverage.hpp needs, out of the log, within bounds.
#pragma once

#include "daemon/console/coverage.hpp"
#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

constexpr std::chrono::days coverage_range_max{31};
constexpr std::size_t coverage_spans_max = 2'000;
/// Of one source. Beyond it older evidence of recovery is not looked at, which the answer says; states and gaps are always whole.
constexpr std::size_t coverage_events_max = 100'000;

Task<net::HttpResponse> get_coverage(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
