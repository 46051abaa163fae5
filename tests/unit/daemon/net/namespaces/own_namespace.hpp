// SPDX-License-Identifier: Apache-2.0
//
// The whole test program in a network namespace of its own, entered before its first thread.
#pragma once

#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>

namespace gatehouse::net {

[[noreturn]] inline void skip(const char* why) {
    std::printf("skipped: unit_net_namespaces: %s\n", why);
    std::fflush(stdout);
    std::_Exit(77);
}

inline void write_file(const char* path, const std::string& text) { std::ofstream(path) << text; }

inline void enter_namespace() {
    static bool is_there = false;
    if (std::exchange(is_there, true)) return;
    // Root needs no user namespace, and in a chroot gets none.
    if (::geteuid() == 0 && ::unshare(CLONE_NEWNET) == 0) return;
    const auto uid = ::getuid();
    const auto gid = ::getgid();
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) skip("this machine grants no user namespaces");
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", "0 " + std::to_string(uid) + " 1");
    write_file("/proc/self/gid_map", "0 " + std::to_string(gid) + " 1");
}

} // namespace gatehouse::net
