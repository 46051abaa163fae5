// SPDX-License-Identifier: Apache-2.0
//
// What only the composition can see of this machine, for `check`: its networks, its clock, its secrets.
#pragma once

#include "config/secrets.hpp"
#include "config/settings.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/console/parts.hpp"

#include <vector>

namespace gatehouse::app {

std::vector<console::Finding> own_findings(const config::Settings& settings, const config::Secrets& secrets, const Clock& clock);

} // namespace gatehouse::app
