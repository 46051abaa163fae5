// SPDX-License-Identifier: Apache-2.0
//
// What is wrong in a file that people write: where, which key, and what was expected, in both languages.
#pragma once

#include <string>
#include <vector>

namespace gatehouse::config {

enum class Language : unsigned char { zh, en };

/// One sentence twice.
struct Words {
    std::string zh;
    std::string en;
    const std::string& in(Language language) const { return language == Language::zh ? zh : en; }
};

/// How many flaws of one file are told; what is wrong with the rest shows after these.
constexpr std::size_t flaws_max = 100;

struct Flaw {
    std::string file;
    std::size_t line = 1; ///< from 1
    std::size_t column = 1;
    std::string key; ///< "upstream[1].entitlement[0].kinds"; empty when the text itself can't be read
    Words what;
};

/// "gatehouse.toml:12:8: store.reserve_bytes: expected …".
std::string to_text(const Flaw& flaw, Language language);
/// One a line.
std::string to_text(const std::vector<Flaw>& flaws, Language language);

} // namespace gatehouse::config
