// SPDX-License-Identifier: Apache-2.0
//
// The mutated tree: a copy of the sources under build/mutants/src, with all switched mutants in it, and its one build.
#pragma once

#include "tests/mutants/table.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gatehouse::mutants {

class MutatedTree {
public:
    /// `root`: the tree that is copied. Nothing is written yet.
    explicit MutatedTree(std::filesystem::path root);

    /// Copies what has changed, takes away what is gone, and writes the mutants. False with flaws, or when the disk refuses.
    bool write(const std::vector<Mutant>& mutants, std::vector<Flaw>& flaws) const;
    /// Builds these programs with the copy's own ./dev. False: it did not build, and the compiler has said why.
    bool build(const std::vector<std::string>& programs) const;
    /// The file as it is with this mutant alone in it, for good; `restore` puts back what stood there.
    bool plant(const Mutant& mutant, std::vector<Flaw>& flaws) const;
    void restore(const Mutant& mutant, const std::vector<Mutant>& mutants) const;

    std::filesystem::path program(const std::string& name) const;
    std::filesystem::path logs() const { return copy_.parent_path() / "logs"; }

private:
    std::filesystem::path root_, copy_;
};

} // namespace gatehouse::mutants
