// SPDX-License-Identifier: Apache-2.0
//
// tidy ROOT: judges the tree, prints every finding as file:line: rule: what, and fails if there is one.
#include "tests/tidy/tidy.hpp"

#include <cstdio>

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: tidy ROOT\n", stderr);
        return 64;
    }
    const auto found = gatehouse::tidy::check(arguments[1]);
    for (const auto& finding : found)
        std::printf("%s:%zu: %s: %s\n", finding.file.c_str(), finding.line, std::string(finding.rule).c_str(), finding.what.c_str());
    if (!found.empty()) std::printf("%zu findings; the rules, and what is right instead: tests/tidy/README.md\n", found.size());
    return found.empty() ? 0 : 1;
}
