// SPDX-License-Identifier: Apache-2.0
//
// A program of ours as a child process, and the socket between us: the one crossing point to what must not run in the daemon. An
// interface, so that who supervises children can be tried without any.
#pragma once

#include "daemon/net/network.hpp"

namespace gatehouse::net {

/// Where a child finds its end of the socket.
constexpr int child_link_descriptor = 3;

/// How it ended.
struct ChildExit {
    int code = -1; ///< -1: by a signal
    int signal = 0;
    friend bool operator==(const ChildExit&, const ChildExit&) = default;
};
/// "ended with 1", "killed by signal 9 (Killed)".
std::string to_text(const ChildExit& exit);

/// Loop only. Its destructor kills a child that still runs; nobody waits for that, but it is reaped when it ends (a process that hangs in
/// a dead disk cannot even die).
class ChildProcess {
public:
    virtual ~ChildProcess() = default;
    /// Both ways; it ends (read_some: 0) when the child hangs up.
    virtual Stream& stream() = 0;
    virtual int pid() const = 0;
    virtual void kill() = 0;
    /// Until it has ended. Once.
    virtual Task<ChildExit> wait() = 0;
};

class Children {
public:
    virtual ~Children() = default;
    /// `program` is a path; the child has no other words, an empty environment, standard output and error of ours, its end of the socket at
    /// child_link_descriptor and no other descriptor of ours. Fault::gone, refused, full.
    virtual Result<std::unique_ptr<ChildProcess>> start(const std::string& program) = 0;
};

/// `loop` outlives it and its children.
std::unique_ptr<Children> make_system_children(Loop& loop);

} // namespace gatehouse::net
