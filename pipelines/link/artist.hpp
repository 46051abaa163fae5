// SPDX-License-Identifier: Apache-2.0
//
// Who draws stills for the daemon: for each a process of its own, that gets the bytes over its link, shuts itself in without any file, draws, and
// ends. What breaks out of a decoder there finds nothing, and ends with it. Lives on the loop.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/net/child_process.hpp"
#include "pipelines/link/message.hpp"

#include <string>

namespace gatehouse::pipelines {

constexpr Duration still_limit = std::chrono::seconds(5);
constexpr std::size_t stills_at_once_max = 2; ///< processes
constexpr std::size_t stills_waiting_max = 64;

class Artist {
public:
    /// All outlive it.
    Artist(net::Children& children, std::string program, Clock& clock) : children_(children), program_(std::move(program)), clock_(clock) {}

    /// Faults: the worker's word (malformed, unsupported), timed_out, gone (it died), busy (stills_waiting_max wait already), full (a longer film
    /// than goes over the link).
    Task<Result<Still>> draw(DrawStill asked);

private:
    Task<Result<Still>> converse(DrawStill asked);
    Task<Result<Still>> hear(net::ChildProcess& child);

    net::Children& children_;
    std::string program_;
    Clock& clock_;
    std::size_t drawing_ = 0, waiting_ = 0;
    Event free_;
};

} // namespace gatehouse::pipelines
