// SPDX-License-Identifier: Apache-2.0
//
// Long work on the loop, in pieces: everybody else has a turn between two of them.
#pragma once

#include "daemon/base/clock.hpp"

namespace gatehouse {

/// For one coroutine. `clock` outlives it.
///
///     for (auto& row : rows) {
///         if (turns.is_up()) co_await turns.next();
///         …
///     }
class InTurns {
public:
    /// `steps`: of a piece, so that it takes a few milliseconds.
    explicit InTurns(Clock& clock, std::size_t steps) : clock_(clock), steps_(steps) {}

    /// Counts a step; true: the piece is over.
    bool is_up() { return ++done_ % steps_ == 0; }
    /// Whoever waits for the loop has had his turn.
    Task<void> next() { return clock_.sleep_for(Duration(0)); }

private:
    Clock& clock_;
    std::size_t steps_, done_ = 0;
};

} // namespace gatehouse
