// SPDX-License-Identifier: Apache-2.0
//
// Who asks the kernel for us whether the clock is synchronised. adjtimex(2) both reads and sets the clock, so a sandbox that protects
// the clock refuses it whole. A small process outside (daemon/app/clock_watch.hpp, gatehouse-clock.service) then touches a file
// every second while the kernel says "synced"; the sandboxed daemon believes the file while it is fresh.
#pragma once

#include "daemon/base/clock.hpp"

#include <string>

namespace gatehouse {

/// How old the file's time may be, either way: a clock that was just stepped is not believed.
constexpr Duration witness_age_max = std::chrono::seconds(5);

/// RealClock consults `file` where the kernel refuses to answer. Once, before other threads run.
void believe_clock_witness(std::string file);

/// For RealClock: the file that was named exists and is fresh.
bool clock_is_witnessed(Time now);

} // namespace gatehouse
