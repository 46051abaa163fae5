// SPDX-License-Identifier: Apache-2.0
//
// The house's laws as a program: reads the tree once, judges it rule by rule, reports everything it finds. Plain scanners, because
// std::regex would take longer than the whole of it. The rules are numbered in README.md beside this; no check, no rule.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::tidy {

struct Rule {
    std::string_view number;
    std::string_view name;
};

inline constexpr std::array rules{
    Rule{"G1", "upward include"},
    Rule{"G2", "siblings know each other"},
    Rule{"G3", "concrete part outside daemon/app"},
    Rule{"G4", "config seen by others than app and ctl"},
    Rule{"G5", "foreign library outside its owner"},
    Rule{"G6", "simulator shares code with what it tests"},
    Rule{"G7", "private folder included from outside"},
    Rule{"G8", "include not from the root"},
    Rule{"G9", "brace in a co_await statement"},
    Rule{"G10", "detached coroutine"},
    Rule{"G11", "capturing coroutine handed to spawn"},
    Rule{"G12", "clock or timer outside daemon/base/clock"},
    Rule{"G13", "socket outside daemon/net"},
    Rule{"G14", "file access outside the store"},
    Rule{"G15", "TODO without an issue"},
    Rule{"G16", "banned word"},
    Rule{"G17", "path of somebody's machine"},
    Rule{"G18", "licence line missing"},
    Rule{"G19", "README missing or incomplete"},
    Rule{"G20", "dead source"},
    Rule{"G21", "top-level entry not in the plan"},
    Rule{"G22", "promise without its test"},
};

/// One violation. `line` counts from 1; 1 also where a whole file or folder is meant.
struct Finding {
    std::string file;
    std::size_t line;
    std::string_view rule; ///< a number out of `rules`
    std::string what;
};

struct Include {
    std::string path;
    std::size_t line;
    bool quoted;
};

/// One file of the tree. `code` is `text` with comments, string and character literals blanked out and every line break kept, so
/// offsets and lines are the same in both; it is filled for C++ only.
struct Source {
    std::string path; ///< from the root, with '/'
    std::string text;
    std::string code;
    std::vector<Include> includes;
    std::vector<std::size_t> line_starts;

    std::size_t line_of(std::size_t offset) const;
    std::string_view line_text(std::size_t line) const;
    bool is_cpp() const { return path.ends_with(".cpp") || path.ends_with(".hpp"); }
    bool is_shipped() const;
    std::string_view folder() const { return std::string_view(path).substr(0, path.rfind('/') == std::string::npos ? 0 : path.rfind('/')); }
};

struct Tree {
    std::filesystem::path root;
    std::vector<std::string> top_level; ///< every entry's name, dot files too
    std::vector<Source> sources;        ///< sorted by path
    std::vector<std::string> ladder;    ///< lowest first

    const Source* find(std::string_view path) const;
};

Tree read_tree(const std::filesystem::path& root);

/// Blanks comments and literals; what stands in them can break no rule about code.
std::string blank(std::string_view text);

// Each appends what it finds.
void check_includes(const Tree& tree, std::vector<Finding>& found);
void check_coroutines(const Tree& tree, std::vector<Finding>& found);
void check_seams(const Tree& tree, std::vector<Finding>& found);
void check_words(const Tree& tree, std::vector<Finding>& found);
void check_files(const Tree& tree, std::vector<Finding>& found);

/// All rules, sorted by file and line.
std::vector<Finding> check(const std::filesystem::path& root);

// Small scanners that several rules use.
bool is_word_char(char c);
/// The next place at or after `from` where `word` stands as a whole identifier; npos if none.
std::size_t find_word(std::string_view code, std::string_view word, std::size_t from);
std::size_t next_solid(std::string_view code, std::size_t from);                ///< first non-blank at or after `from`; size() if none
std::optional<std::size_t> last_solid(std::string_view code, std::size_t from); ///< last non-blank before `from`
/// The identifier that ends right before `end`, blanks skipped; empty if none.
std::string_view word_before(std::string_view code, std::size_t end);

} // namespace gatehouse::tidy
