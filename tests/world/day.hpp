// SPDX-License-Identifier: Apache-2.0
//
// One day of a site, from one seed: people pass, things break as tests/world/faults.cpp draws them, then everything is healed and drained
// and the invariants are judged. Everything in this thread; the same seed gives the same trace.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gatehouse::world {

struct Tally {
    std::uint64_t events = 0, records = 0, lives = 0, power_cuts = 0, removed = 0, receipts = 0, door_opens = 0, lies = 0, digests = 0;
    std::map<std::string, std::uint64_t> faults; ///< by name
    std::int64_t drained_after_s = 0;            ///< from the healing on
};

struct Outcome {
    std::string trace; ///< hash of all bytes that passed, with their times
    std::string wrong; ///< every invariant that does not hold, a line each; empty: all hold
    Tally tally;
    std::vector<std::string> story; ///< what was done to it, with its time
};

Outcome live_a_day(std::uint64_t seed);

/// The names of all faults that a day may draw, with the rows of the fault matrix that they stand for.
std::vector<std::pair<std::string, std::string>> all_faults();

} // namespace gatehouse::world
