// SPDX-License-Identifier: Apache-2.0
//
// mutants ROOT check: do the tables, PROMISES.md and the sources fit together?
// mutants ROOT build [NAME...], mutants ROOT run [NAME...], mutants ROOT all [NAME...]: writes and builds the mutated tree; runs the
// mutants whose names begin so; both. Exit 1 when a mutant survived, or nothing could be said of it.
#include "tests/mutants/promises.hpp"
#include "tests/mutants/run.hpp"
#include "tests/mutants/tree.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace gatehouse::mutants;

int tell(const std::vector<Flaw>& flaws) {
    for (const Flaw& flaw : flaws) std::printf("%s:%zu: %s\n", flaw.file.c_str(), flaw.line, flaw.what.c_str());
    return flaws.empty() ? 0 : 1;
}

std::vector<Mutant> chosen(const std::vector<Mutant>& all, const std::vector<std::string>& names) {
    std::vector<Mutant> some;
    for (const Mutant& mutant : all)
        if (names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) { return mutant.name.starts_with(name); }))
            some.push_back(mutant);
    return some;
}

int run_all(const MutatedTree& tree, const std::vector<Mutant>& all, const std::vector<Mutant>& some) {
    const Tally tally = run(tree, all, some);
    if (tally.broken != 0 || tally.skipped != 0) std::printf("%zu could not be tried, %zu can't run here\n", tally.broken, tally.skipped);
    std::printf("%zu mutants: %zu caught, %zu survived\n", some.size(), tally.caught, tally.survived);
    return tally.survived == 0 && tally.broken == 0 ? 0 : 1;
}

int work(const std::string& root, const std::string& verb, const std::vector<std::string>& names) {
    std::vector<Flaw> flaws;
    const auto all = read_tables(root, flaws);
    const Standing standing = check(root, all, flaws);
    if (!flaws.empty()) return tell(flaws);
    if (verb == "check") {
        std::printf("%zu mutants; %zu promises: %zu with a mutant, %zu with a bug in words, %zu with a dash\n", all.size(), standing.promises,
                    standing.with_mutant, standing.by_hand, standing.with_dash);
        return 0;
    }
    const auto some = chosen(all, names);
    const MutatedTree tree(root);
    if (verb == "build" || verb == "all") {
        if (!tree.write(all, flaws)) return tell(flaws), 1;
        std::set<std::string> programs;
        for (const Mutant& mutant : some) programs.insert(mutant.program);
        if (!tree.build({programs.begin(), programs.end()})) return 1;
    }
    return verb == "build" ? 0 : run_all(tree, all, some);
}

} // namespace

int main(int count, char** arguments) {
    const std::vector<std::string> words(arguments + 1, arguments + count);
    const std::set<std::string> verbs{"check", "build", "run", "all"};
    if (words.size() < 2 || !verbs.contains(words[1])) {
        std::fputs("usage: mutants ROOT check|build|run|all [NAME...]\n", stderr);
        return 64;
    }
    try {
        return work(words[0], words[1], {words.begin() + 2, words.end()});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mutants: %s\n", error.what());
        return 70;
    }
}
