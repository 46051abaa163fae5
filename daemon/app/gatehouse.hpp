// SPDX-License-Identifier: Apache-2.0
//
// The whole daemon: built in order, run as one expression, let go in reverse.
#pragma once

#include <string>
#include <vector>

namespace gatehouse::app {

/// gatehoused --config FILE [--check-config] [--version] [--witness-clock FILE]. Answers the exit code (sysexits: 0, 64 usage, 69 unavailable, 73 cannot
/// create, 75 stopped at low battery, 78 settings).
int run_daemon(const std::vector<std::string>& words);

} // namespace gatehouse::app
