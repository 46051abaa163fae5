// SPDX-License-Identifier: Apache-2.0
//
// What only the composition can see of this machine, for `check`: its networks, its clock, its secrets, its certificates.
#pragma once

#include "config/secrets.hpp"
#include "config/settings.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/console/parts.hpp"

#include <vector>

namespace gatehouse::app {

/// Each certificate, authority and key that the upstreams name: readable, fitting, valid now, and for 30 days more (F33).
std::vector<console::Finding> certificate_findings(const config::Settings& settings, Time now);

/// These and the rest. Reads small files: asked by people, not in a loop.
std::vector<console::Finding> own_findings(const config::Settings& settings, const config::Secrets& secrets, const Clock& clock);

} // namespace gatehouse::app
