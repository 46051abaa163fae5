// SPDX-License-Identifier: Apache-2.0
//
// What the service manager tells a daemon, and what the daemon tells it.
#pragma once

#include "daemon/base/task.hpp"

#include <functional>
#include <string>

namespace gatehouse::app {

/// Returns at the first SIGTERM or SIGINT. Calls `reload` at each SIGHUP.
Task<void> until_told_to_stop(Loop& loop, std::function<void()> reload);

/// sd_notify(3): "READY=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1", "STATUS=…", one a call; a line break in it becomes a blank, so that
/// no error's text is taken for another. Nothing happens where no manager listens.
void tell_systemd(std::string state);

/// WatchdogSec: the interval in which the manager wants a sign of life; zero: it wants none.
Duration watchdog_interval();

} // namespace gatehouse::app
