// SPDX-License-Identifier: Apache-2.0
//
// Mutant schemata: one text that behaves as the original until a mutant is chosen at run time. All switched mutants of a file are
// written into it at once; places may be the same or lie within each other, but may not overlap by half.
#pragma once

#include "tests/mutants/table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::mutants {

/// The file with all its switched mutants in it. Mutants of other forms are passed over. Line numbers stay where no text has more
/// lines than what it stands for.
std::string rewrite(std::string_view original, const std::vector<Mutant>& mutants, std::vector<Flaw>& flaws);

/// The file with this one in place, for good.
std::string replace(std::string_view original, const Mutant& mutant, std::vector<Flaw>& flaws);

} // namespace gatehouse::mutants
