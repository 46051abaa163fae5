// SPDX-License-Identifier: Apache-2.0
//
// gatehoused --witness-clock FILE: nothing but the kernel's word about the clock, for the daemon in its sandbox
// (daemon/base/clock_witness.hpp says why).
#pragma once

#include "daemon/base/clock.hpp"

#include <string>

namespace gatehouse::app {

/// Touches `file` every second while `clock` is synced, removes it while it is not; for ever. Ends by cancellation. Its folder exists.
Task<void> watch_clock(Clock& clock, std::string file);

/// A whole process of it; ends at SIGTERM. Answers the exit code.
int run_clock_watch(const std::string& file);

} // namespace gatehouse::app
