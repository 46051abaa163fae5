// SPDX-License-Identifier: Apache-2.0
//
// What the kernel says of running processes (proc(5)).
#pragma once

#include <cstdint>
#include <vector>

#include <sys/types.h>

namespace gatehouse::bench {

/// `root` and all that it started and that still runs.
std::vector<pid_t> tree_of(pid_t root);
/// Seconds that all threads of these have run, to the nanosecond.
double cpu_seconds(const std::vector<pid_t>& processes);
/// What no other process shares with it, in MiB.
double private_mib(pid_t process);
/// What it made the kernel write to a disk.
std::uint64_t written_bytes(pid_t process);

} // namespace gatehouse::bench
