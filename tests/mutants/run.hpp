// SPDX-License-Identifier: Apache-2.0
//
// Each mutant against its test, two at a time; stories that want the machine alone go one by one.
#pragma once

#include "tests/mutants/table.hpp"
#include "tests/mutants/tree.hpp"

#include <cstddef>
#include <vector>

namespace gatehouse::mutants {

/// What became of a mutant.
enum class Fate {
    caught,   ///< its test failed, crashed, or hung past its limit
    survived, ///< its test passed
    broken,   ///< nothing can be said: its test is not green without it, does not exist, or the mutant does not build
    skipped,  ///< its test can't run on this machine
};

struct Tally {
    std::size_t caught = 0, survived = 0, broken = 0, skipped = 0;
};

/// First every test without a mutant, then each mutant. Prints each mutant that was not caught, as it comes. `all`: what the tree was
/// written with; `chosen`: those of them that run.
Tally run(const MutatedTree& tree, const std::vector<Mutant>& all, const std::vector<Mutant>& chosen);

/// A name as doctest's -tc= takes it: commas part names there.
std::string as_filter(std::string_view test);

/// How many cases ran, by doctest's closing lines; -1 without them.
int cases_run(std::string_view output);

} // namespace gatehouse::mutants
