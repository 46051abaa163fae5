// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/tree.hpp"

#include "tests/harness/child_process.hpp"
#include "tests/mutants/rewrite.hpp"
#include "tests/mutants/text_file.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

namespace gatehouse::mutants {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Every file of the tree, from its root; what is built or kept by git is none of it.
std::set<std::string> files_of(const fs::path& root) {
    std::set<std::string> files;
    for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator(); ++at) {
        const std::string name = at->path().filename().string();
        if (at.depth() == 0 && (name == "build" || name == ".git")) {
            at.disable_recursion_pending();
            continue;
        }
        if (at->is_regular_file()) files.insert(at->path().lexically_relative(root).generic_string());
    }
    return files;
}

std::map<std::string, std::vector<Mutant>> by_file(const std::vector<Mutant>& mutants) {
    std::map<std::string, std::vector<Mutant>> files;
    for (const Mutant& mutant : mutants) files[mutant.file].push_back(mutant);
    return files;
}

} // namespace

MutatedTree::MutatedTree(fs::path root) : root_(std::move(root)), copy_(root_ / "build/mutants/src") {}

fs::path MutatedTree::program(const std::string& name) const { return copy_ / "build/dev/bin" / name; }

bool MutatedTree::write(const std::vector<Mutant>& mutants, std::vector<Flaw>& flaws) const {
    fs::create_directories(copy_);
    fs::create_directories(logs());
    const auto files = files_of(root_);
    for (const std::string& there : files_of(copy_))
        if (!files.contains(there)) fs::remove(copy_ / there);
    const auto of_file = by_file(mutants);
    for (const std::string& file : files) {
        std::string text = text_of(root_ / file);
        if (const auto mutated = of_file.find(file); mutated != of_file.end()) text = rewrite(text, mutated->second, flaws);
        if (!write_text(copy_ / file, text)) return false;
        fs::permissions(copy_ / file, fs::status(root_ / file).permissions());
    }
    return flaws.empty();
}

bool MutatedTree::build(const std::vector<std::string>& programs) const {
    std::vector<std::string> arguments{"build", "-k", "0"}; // every mutant that does not compile, at once
    arguments.insert(arguments.end(), programs.begin(), programs.end());
    harness::ChildProcess dev("build", {.program = (copy_ / "dev").string(), .arguments = arguments, .environment = {}, .directory = copy_}, logs());
    // A whole build from an empty cache on a slow machine: hours are too much, and a compiler that hangs is found.
    if (dev.wait(2h).code == 0) return true;
    std::fprintf(stderr, "%s\n", dev.out().c_str());
    std::fprintf(stderr, "%s\n", dev.err().c_str());
    return false;
}

bool MutatedTree::plant(const Mutant& mutant, std::vector<Flaw>& flaws) const {
    const std::string text = replace(text_of(root_ / mutant.file), mutant, flaws);
    return flaws.empty() && write_text(copy_ / mutant.file, text);
}

void MutatedTree::restore(const Mutant& mutant, const std::vector<Mutant>& mutants) const {
    std::vector<Mutant> of_file;
    std::copy_if(mutants.begin(), mutants.end(), std::back_inserter(of_file), [&](const Mutant& each) { return each.file == mutant.file; });
    std::vector<Flaw> told_already;
    write_text(copy_ / mutant.file, rewrite(text_of(root_ / mutant.file), of_file, told_already));
}

} // namespace gatehouse::mutants
