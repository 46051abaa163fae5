// SPDX-License-Identifier: Apache-2.0
//
// The planted bugs as data: one table an area, NAME.txt beside this, line by line as README.md says. Reading is strict and bounded;
// everything that is wrong is told at once, with file and line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::mutants {

inline constexpr std::size_t table_bytes_max = 1024 * 1024;
inline constexpr std::size_t mutants_max = 4096; ///< of all tables together

/// How a bug gets into the tree. The first three are compiled once, all together, and chosen at run time by GATEHOUSE_MUTANT.
enum class Form {
    expression, ///< (chosen ? (NEW) : (OLD))
    statement,  ///< { if (chosen) { NEW } else { OLD } }
    inlined,    ///< NEW, in which the word MUTANT stands for "chosen"
    build,      ///< NEW in place of OLD, with a build of its own: declarations, types, what the build reads
    data,       ///< NEW in place of OLD in a file that the test reads from the tree; nothing is built
};

/// Whether it is compiled in and chosen at run time.
constexpr bool is_switched(Form form) { return form != Form::build && form != Form::data; }

/// One bug, and the test that must fail with it.
struct Mutant {
    std::string name;      ///< area/what_is_wrong; the area is the table's
    std::string program;   ///< the test program, under bin/
    bool is_alone = false; ///< its tests want the machine to themselves
    std::string test;      ///< the test case, exactly
    std::string file;      ///< from the root of the tree
    Form form = Form::expression;
    std::string old_text; ///< stands once in the file
    std::string new_text;
    std::string table;    ///< where it is written: path from the root,
    std::size_t line = 0; ///< and line
};

/// One thing that is wrong in the tables, or in what they speak of.
struct Flaw {
    std::string file;
    std::size_t line;
    std::string what;
};

/// Reads one table. Appends what it holds and what is wrong with it.
void read_table(std::string_view text, const std::string& path, std::vector<Mutant>& mutants, std::vector<Flaw>& flaws);

/// All tables of the tree, sorted by area. Names that stand twice are flaws too.
std::vector<Mutant> read_tables(const std::filesystem::path& root, std::vector<Flaw>& flaws);

} // namespace gatehouse::mutants
