// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/promises.hpp"

#include "tests/mutants/rewrite.hpp"
#include "tests/mutants/text_file.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace gatehouse::mutants {
namespace {

constexpr auto none = std::string_view::npos;
constexpr std::string_view promises_path = "tests/PROMISES.md";

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

bool is_name(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == none || slash == 0 || slash + 1 == text.size() || text.find('/', slash + 1) != none) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '/'; });
}

std::vector<std::string> names_in(std::string_view cell) {
    std::vector<std::string> names;
    for (auto open = cell.find('`'); open != none;) {
        const auto close = cell.find('`', open + 1);
        if (close == none) break;
        if (const auto word = cell.substr(open + 1, close - open - 1); is_name(word)) names.emplace_back(word);
        open = cell.find('`', close + 1);
    }
    return names;
}

std::vector<std::string_view> cells_of(std::string_view row) {
    std::vector<std::string_view> cells;
    for (auto at = row.find('|'); at != none;) {
        const auto end = row.find('|', at + 1);
        if (end == none) break;
        cells.push_back(trimmed(row.substr(at + 1, end - at - 1)));
        at = end;
    }
    return cells;
}

void check_names(const std::vector<Promise>& promises, const std::vector<Mutant>& mutants, std::vector<Flaw>& flaws) {
    std::map<std::string_view, const Mutant*> known;
    for (const Mutant& mutant : mutants) known.emplace(mutant.name, &mutant);
    std::set<std::string_view> named;
    for (const Promise& promise : promises)
        for (const std::string& name : promise.mutants) {
            named.insert(name);
            const auto mutant = known.find(name);
            if (mutant == known.end())
                flaws.push_back({std::string(promises_path), promise.line, "no table has a mutant " + name});
            else if (!promise.names_test(mutant->second->test))
                flaws.push_back({std::string(promises_path), promise.line, name + " is caught by a test that this row does not name"});
        }
    for (const Mutant& mutant : mutants)
        if (!named.contains(mutant.name)) flaws.push_back({mutant.table, mutant.line, mutant.name + ": no row of PROMISES.md names it"});
}

} // namespace

bool Promise::names_test(std::string_view test) const {
    const std::string_view cell = tests;
    for (auto at = cell.find(test); at != none; at = cell.find(test, at + 1)) {
        const auto end = at + test.size();
        if ((at == 0 || cell.substr(0, at).ends_with("; ")) && (end == cell.size() || cell[end] == ';')) return true;
    }
    return false;
}

std::vector<Promise> read_promises(std::string_view text) {
    std::vector<Promise> promises;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto row = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto cells = cells_of(row);
        if (!row.starts_with("| ") || cells.size() < 3 || cells[0] == "Promise") continue;
        promises.push_back({line, std::string(cells[0]), std::string(cells[1]), std::string(cells[2]), names_in(cells[2])});
    }
    return promises;
}

Standing check(const std::filesystem::path& root, const std::vector<Mutant>& mutants, std::vector<Flaw>& flaws) {
    const auto promises = read_promises(text_of(root / promises_path));
    check_names(promises, mutants, flaws);

    std::map<std::string, std::vector<Mutant>> by_file;
    for (const Mutant& mutant : mutants) by_file[mutant.file].push_back(mutant);
    for (const auto& [file, of_file] : by_file) {
        const std::string text = text_of(root / file);
        rewrite(text, of_file, flaws);
        for (const Mutant& mutant : of_file)
            if (!is_switched(mutant.form)) replace(text, mutant, flaws);
    }

    Standing standing;
    standing.promises = promises.size();
    for (const Promise& promise : promises) {
        if (!promise.mutants.empty())
            ++standing.with_mutant;
        else if (promise.has_no_bug())
            ++standing.with_dash;
        else
            ++standing.by_hand;
    }
    return standing;
}

} // namespace gatehouse::mutants
