// SPDX-License-Identifier: Apache-2.0
//
// The gateway's own wall clock, watched against the monotonic one. What was heard before the clock was set stays as it was written; a record
// says by how much it was off, so that readers can put older times right (order never comes from a clock, it comes from positions).
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/record/sink.hpp"

namespace gatehouse::app {

constexpr Duration clock_step_min = std::chrono::seconds(2); ///< devices and NTP servers agree to better than that
constexpr Duration drift_told_every = std::chrono::minutes(1);

/// Hands over a clock.skewed of the source "gateway" when the clock was set: by clock_step_min or more, or so that it is now synchronised.
/// `offset_ms` is what it said before minus what it says now. A clock that runs wrong is told once in drift_told_every. For ever, on the loop;
/// ends by cancellation.
Task<void> tell_clock_steps(Clock& clock, RecordSink& sink);

} // namespace gatehouse::app
