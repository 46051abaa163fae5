// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/flaw.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>

namespace gatehouse::fuzz {

/// Flaws are told as people need them: few, in both languages, at a place inside the file.
inline void check_flaws(const std::vector<config::Flaw>& flaws, std::string_view bytes) {
    must_hold(flaws.size() <= config::flaws_max, "flaws are bounded");
    const auto lines = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n')) + 1;
    for (const auto& flaw : flaws) {
        must_hold(flaw.file == "file.toml" && !flaw.what.zh.empty() && !flaw.what.en.empty(), "a flaw has its file and its words in both languages");
        must_hold(flaw.line >= 1 && flaw.column >= 1, "lines and columns count from 1");
        must_hold(flaw.line <= lines, "a flaw's line is in the file");
        auto rest = bytes;
        for (std::size_t line = 1; line < flaw.line; ++line) rest.remove_prefix(rest.find('\n') + 1);
        // One past the line's last character, and its end when that is what is wrong.
        must_hold(flaw.column <= std::min(rest.find('\n'), rest.size()) + 2, "a flaw's column is in its line");
        must_hold(to_text(flaw, config::Language::zh).size() < 8192, "a flaw is short");
    }
}

} // namespace gatehouse::fuzz
