// SPDX-License-Identifier: Apache-2.0
//
// gatehousectl: what technicians type. It speaks the console's HTTP API over the daemon's Unix socket and opens no file of the daemon,
// but for `restore`, which works on a stopped one. Whatever the daemon or a device says is foreign: it is looked at before it is shown.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/net/http.hpp"

#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::ctl {

// sysexits.h; `check` alone answers 0, 1 or 2 by severity.
constexpr int exit_ok = 0;
constexpr int exit_usage = 64;         ///< the command line
constexpr int exit_data = 65;          ///< a value that the daemon refuses, a damaged log
constexpr int exit_no_input = 66;      ///< what was named does not exist
constexpr int exit_unavailable = 69;   ///< the daemon does not run, a device does not answer
constexpr int exit_software = 70;      ///< an answer that this program does not understand
constexpr int exit_cannot_create = 73; ///< a file or a device that is there already
constexpr int exit_try_later = 75;     ///< busy, full
constexpr int exit_no_permission = 77;

using Ask = std::function<Result<net::HttpResponse>(const std::string& socket, const net::HttpRequest& request)>;
using Follow = std::function<Done(const std::string& socket, const net::HttpRequest& upgrade, const std::function<bool(std::string_view)>& each)>;

/// Where it writes, how it reaches the daemon, and time; tests bring their own.
struct Surroundings {
    std::ostream& out;
    std::ostream& err;
    Ask ask;
    Follow follow;
    std::function<Time()> now;
    std::function<void(Duration)> wait;
    bool zh = false; ///< the locale's language; --lang goes before it
    bool out_is_terminal = false;
};

/// The machine's: the socket, the clock, the locale of LC_ALL, LC_MESSAGES or LANG.
Surroundings machine_surroundings(std::ostream& out, std::ostream& err);

/// `typed` without the program's name. Answers the exit code.
int run(const std::vector<std::string>& typed, Surroundings surroundings);

} // namespace gatehouse::ctl
