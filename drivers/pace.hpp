// SPDX-License-Identifier: Apache-2.0
//
// Conversations begin one after the other: after a start, and when a whole site comes back from an outage, hundreds of devices and the
// switches between would else be asked at once.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/entropy.hpp"

#include <map>
#include <memory>

namespace gatehouse::drivers {

/// Who goes first. The UPS, since what the others' silence means hangs on it; then whatever opens something.
enum class Turn { power, doors, others };

/// Shared by all conversations, outlives them. Loop only.
class Pace {
public:
    /// At most `conversations_per_s_max` begin in any second, each apart from the one before by its share of a second and up to a quarter
    /// more, so that gateways that were switched on together don't march in step. > 0.
    Pace(Clock& clock, Entropy& entropy, std::int64_t conversations_per_s_max);

    /// Comes back when it is this one's turn: the better Turn first, then who waited longer. Who is cancelled gives its place up.
    Task<void> wait(Turn turn);

    std::size_t waiting() const { return line_.size(); }

private:
    /// Better turns first, then the older.
    using Place = std::pair<Turn, std::uint64_t>;
    class Ticket;

    Clock& clock_;
    Entropy& entropy_;
    Duration apart_;
    Instant free_at_;
    std::uint64_t tickets_ = 0;
    std::map<Place, Event*> line_;
};

} // namespace gatehouse::drivers
