// SPDX-License-Identifier: Apache-2.0
//
// tests/PROMISES.md as far as the mutants need it: which tests and which mutants a row names.
#pragma once

#include "tests/mutants/table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::mutants {

struct Promise {
    std::size_t line;
    std::string promise;
    std::string tests;                ///< the cell: names, with ';' between them
    std::string bug;                  ///< the cell
    std::vector<std::string> mutants; ///< what stands in the cell in backticks as area/name

    bool names_test(std::string_view test) const;
    /// A dash: nobody has planted a bug yet.
    bool has_no_bug() const { return bug == "–" || bug == "-"; }
};

std::vector<Promise> read_promises(std::string_view text);

/// How the promises stand with the mutants.
struct Standing {
    std::size_t promises = 0;
    std::size_t with_mutant = 0;
    std::size_t by_hand = 0; ///< a bug in words only
    std::size_t with_dash = 0;
};

/// Holds the tables against PROMISES.md and against the sources that they change.
Standing check(const std::filesystem::path& root, const std::vector<Mutant>& mutants, std::vector<Flaw>& flaws);

} // namespace gatehouse::mutants
