// SPDX-License-Identifier: Apache-2.0
//
// The two tables that several commands show: devices, and the lanes of each upstream.
#pragma once

#include "daemon/ctl/session.hpp"
#include "daemon/ctl/values.hpp"

namespace gatehouse::ctl {

/// Of `devices`: their figures stand in each row, or in its `status`.
void show_devices(const Session& session, const json::object& answer, Time now);
/// Of `upstreams`; below, what each complains of.
void show_lanes(const Session& session, const json::object& answer, Time now);

} // namespace gatehouse::ctl
