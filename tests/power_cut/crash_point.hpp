// SPDX-License-Identifier: Apache-2.0
//
// A crash point is one seed: a script of work, what the disk does wrong, the operation before which the power goes, what survives of what
// was not synced, and whether the power goes again while the gateway recovers. The same seed gives the same life.
#pragma once

#include "tests/power_cut/gateway.hpp"

#include <functional>

namespace gatehouse::power_cut {

/// Seeds of one script: 16 k to 16 k + 15. They share one run, since what differs begins at the cut.
constexpr std::uint64_t points_per_script = 16;

struct Tally {
    std::uint64_t points = 0, cuts = 0, faults = 0; ///< cuts: with those during recovery; faults: scripts whose disk failed
    std::uint64_t acknowledged = 0, delivered = 0, failed = 0;
};

/// `seed`'s first invariant that does not hold, in words.
using OnFailure = std::function<void(std::uint64_t seed, const std::string& wrong)>;

/// Lives through the seeds first, first + 1, … (`count` of them).
Tally live_through(std::uint64_t first, std::uint64_t count, Plant plant, const OnFailure& failed);

/// A short script, cut before each of its operations in turn; each cut with every way of surviving. `first_seed` names the script.
Tally live_through_each_operation(std::uint64_t script, Plant plant, const OnFailure& failed);

} // namespace gatehouse::power_cut
