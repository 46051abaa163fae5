// SPDX-License-Identifier: Apache-2.0
//
// What must stand in the tree, and what must not.
#include "tests/tidy/tidy.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace gatehouse::tidy {

namespace {

constexpr auto none = std::string_view::npos;

void top_level(const Tree& tree, std::vector<Finding>& found) {
    constexpr std::array planned{"CMakeLists.txt", "daemon", "drivers",         "pipelines",         "sync",         "config",  "systemd", "tests",
                                 "README.md",      "dev",    "README.zh-CN.md", "CMakePresets.json", "CHANGELOG.md", "LICENSE", "build"};
    for (const std::string& name : tree.top_level)
        if (name[0] != '.' && std::find(planned.begin(), planned.end(), name) == planned.end())
            found.push_back({name, 1, "G21", "the top level is fixed (design text lives in the README of its folder)"});
}

bool wants_licence(std::string_view path) {
    for (const std::string_view ending : {".cpp", ".hpp", ".cmake", ".sql", ".sh", ".yaml", ".ts", ".tsx", ".service", ".timer"})
        if (path.ends_with(ending)) return true;
    return path.ends_with("CMakeLists.txt") || path == "dev" || path == ".ci/run" || (path.ends_with(".toml") && path.starts_with("config/"));
}

void licence(const Source& source, std::vector<Finding>& found) {
    if (!wants_licence(source.path)) return;
    const bool is_script = source.text.starts_with("#!");
    const std::size_t line = is_script ? 2 : 1;
    const bool has_it = source.line_starts.size() >= line && source.line_text(line).find("SPDX-License-Identifier: Apache-2.0") != none;
    if (!has_it) found.push_back({source.path, line, "G18", "the first line is SPDX-License-Identifier: Apache-2.0"});
}

bool has_heading(const Source& readme, std::string_view heading) {
    for (std::size_t line = 1; line <= readme.line_starts.size(); ++line) {
        auto text = readme.line_text(line);
        // A short README has its parts as run-in headings: "**Limits.** Queue 4,096 records".
        if (text.starts_with("**" + std::string(heading) + ".**")) return true;
        if (!text.starts_with('#')) continue;
        text.remove_prefix(std::min(text.find_first_not_of("# "), text.size()));
        if (text == heading) return true;
    }
    return false;
}

void readmes(const Tree& tree, std::vector<Finding>& found) {
    std::set<std::string_view> folders;
    for (const Source& source : tree.sources)
        if (source.is_shipped() && (source.is_cpp() || source.path.ends_with("/CMakeLists.txt")) && !source.folder().ends_with("/inside"))
            folders.insert(source.folder());
    for (const std::string_view folder : folders) {
        const std::string path = std::string(folder) + "/README.md";
        const Source* readme = tree.find(path);
        if (readme == nullptr) {
            found.push_back({path, 1, "G19", "a folder says what it is: Status, Goals, Non-goals, Limits"});
            continue;
        }
        for (const std::string_view heading : {"Status", "Goals", "Non-goals", "Limits"})
            if (!has_heading(*readme, heading)) found.push_back({path, 1, "G19", "heading \"" + std::string(heading) + "\" is missing"});
    }
}

/// Whether `word` stands in `text` with no path character beside it.
bool mentions(std::string_view text, std::string_view word) {
    const auto is_path = [](char c) { return is_word_char(c) || c == '/' || c == '-'; };
    for (auto at = text.find(word); at != none; at = text.find(word, at + 1)) {
        const auto end = at + word.size();
        if ((at == 0 || !is_path(text[at - 1])) && (end == text.size() || !is_path(text[end]))) return true;
    }
    return false;
}

/// The build of `folder` is reached when a CMakeLists.txt above names it.
bool is_reached(const Tree& tree, std::string_view folder) {
    if (folder.empty()) return true;
    for (auto slash = folder.rfind('/');; slash = slash == 0 ? none : folder.rfind('/', slash - 1)) {
        const std::string_view above = slash == none ? std::string_view() : folder.substr(0, slash);
        const std::string_view rest = slash == none ? folder : folder.substr(slash + 1);
        const Source* list = tree.find(above.empty() ? "CMakeLists.txt" : std::string(above) + "/CMakeLists.txt");
        if (list != nullptr && mentions(list->text, rest)) return is_reached(tree, above);
        if (slash == none) return false;
    }
}

bool is_built_by(const Source& list, const Source& source, std::string_view within) {
    const std::string_view name = std::string_view(source.path).substr(source.path.rfind('/') + 1);
    if (mentions(list.text, within.empty() ? std::string(name) : std::string(within) + "/" + std::string(name))) return true;
    if (list.text.find("gatehouse_library(") != none) return true;
    if (within.empty() && list.text.find("gatehouse_test(") != none && name.ends_with("_test.cpp")) return true;
    return list.text.find("GLOB") != none;
}

void dead(const Tree& tree, const Source& source, std::vector<Finding>& found) {
    if (!source.path.ends_with(".cpp")) return;
    std::string folder(source.folder());
    std::string within;
    // inside/ is built by the folder above it, and a small program may build its sub-folders itself.
    for (; !folder.empty(); folder.resize(folder.rfind('/') == std::string::npos ? 0 : folder.rfind('/'))) {
        if (const Source* list = tree.find(folder + "/CMakeLists.txt"); list != nullptr && is_built_by(*list, source, within)) {
            if (is_reached(tree, folder)) return;
            break;
        }
        const std::string last = folder.substr(folder.rfind('/') + 1);
        within = within.empty() ? last : last + "/" + within;
        if (within != "inside" && tree.find(folder + "/CMakeLists.txt") != nullptr) break;
    }
    found.push_back({source.path, 1, "G20", "no CMakeLists.txt builds it"});
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '`')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '`')) text.remove_suffix(1);
    return text;
}

/// The names of every test: doctest's cases and sub-cases, and ctest's.
std::set<std::string, std::less<>> test_names(const Tree& tree) {
    std::set<std::string, std::less<>> names;
    const auto gather = [&](std::string_view text, std::string_view opening, char closing) {
        for (auto at = text.find(opening); at != none; at = text.find(opening, at + 1)) {
            const auto start = text.find_first_not_of(" \n", at + opening.size());
            auto end = start;
            while (end < text.size() && text[end] != closing && (closing == '"' || (text[end] != ' ' && text[end] != '\n'))) ++end;
            names.emplace(text.substr(start, end - start));
        }
    };
    for (const Source& source : tree.sources) {
        if (!source.path.starts_with("tests/")) continue;
        if (source.path.ends_with(".cpp")) {
            gather(source.text, "TEST_CASE(\"", '"');
            gather(source.text, "SUBCASE(\"", '"');
        } else if (source.path.ends_with("CMakeLists.txt")) {
            gather(source.text, "gatehouse_test(", ')');
            gather(source.text, "add_test(NAME ", ')');
        }
    }
    return names;
}

/// Rows are | promise | test; test | planted bug |. A test is named by its case or by its ctest name.
void promises(const Tree& tree, std::vector<Finding>& found) {
    const Source* list = tree.find("tests/PROMISES.md");
    if (list == nullptr) return;
    const auto names = test_names(tree);
    for (std::size_t line = 1; line <= list->line_starts.size(); ++line) {
        std::string_view row = list->line_text(line);
        if (!row.starts_with('|') || row.starts_with("|-") || row.starts_with("| -") || row.starts_with("| Promise")) continue;
        const auto first = row.find('|', 1);
        const auto second = first == none ? none : row.find('|', first + 1);
        if (second == none) continue;
        std::string_view cell = row.substr(first + 1, second - first - 1);
        if (names.find(trimmed(cell)) != names.end()) continue; // a name may hold a semicolon itself
        while (!cell.empty()) {
            const auto end = std::min(cell.find(';'), cell.size());
            const auto name = trimmed(cell.substr(0, end));
            if (name.empty() || names.find(name) == names.end())
                found.push_back({list->path, line, "G22", "no test is called \"" + std::string(name) + "\""});
            cell.remove_prefix(std::min(end + 1, cell.size()));
        }
    }
}

} // namespace

void check_files(const Tree& tree, std::vector<Finding>& found) {
    top_level(tree, found);
    readmes(tree, found);
    promises(tree, found);
    for (const Source& source : tree.sources) {
        licence(source, found);
        dead(tree, source, found);
    }
}

} // namespace gatehouse::tidy
