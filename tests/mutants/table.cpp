// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/table.hpp"

#include "tests/mutants/text_file.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace gatehouse::mutants {
namespace {

constexpr std::array forms{
    std::pair{std::string_view("expression"), Form::expression},
    std::pair{std::string_view("statement"), Form::statement},
    std::pair{std::string_view("inline"), Form::inlined},
    std::pair{std::string_view("build"), Form::build},
    std::pair{std::string_view("data"), Form::data},
};

bool is_slug(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// What can't stand in brackets is seen at once; the compiler sees the rest.
bool is_expression(std::string_view text) {
    int open = 0;
    for (const char c : text) {
        open += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (open < 0) return false;
    }
    return open == 0 && !text.empty() && text.front() != '{' && text.back() != ';';
}

class Reader {
public:
    Reader(const std::string& path, std::vector<Mutant>& mutants, std::vector<Flaw>& flaws)
        : path_(path), area_(std::filesystem::path(path).stem().string()), mutants_(mutants), flaws_(flaws) {}

    void read(std::string_view text) {
        while (!text.empty()) {
            ++line_;
            const auto end = std::min(text.find('\n'), text.size());
            take(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        finish();
    }

private:
    void take(std::string_view line) {
        if (line.empty() || line[0] == '#') return;
        const auto blank = std::min(line.find(' '), line.size());
        const auto word = line.substr(0, blank);
        const auto rest = line.substr(std::min(blank + 1, line.size()));
        if (word == "program" || word == "file" || word == "test") return context(word, rest);
        if (word == "mutant") return begin(rest);
        if (!open_) return wrong("'" + std::string(word) + "' before any mutant");
        if (word == "form") return form(rest);
        if (word == "old") return add(open_->old_text, has_old_, rest);
        if (word == "new") return add(open_->new_text, has_new_, rest);
        wrong("no such word: '" + std::string(word) + "'");
    }

    /// What holds for all mutants that follow, up to the next line of its kind.
    void context(std::string_view word, std::string_view rest) {
        finish();
        if (rest.empty()) return wrong(std::string(word) + " without a name");
        if (word == "file") context_.file = rest;
        if (word == "test") context_.test = rest;
        if (word != "program") return;
        constexpr std::string_view alone = " alone";
        context_.is_alone = rest.ends_with(alone);
        context_.program = rest.substr(0, rest.size() - (context_.is_alone ? alone.size() : 0));
        context_.test.clear();
    }

    void begin(std::string_view name) {
        finish();
        if (!is_slug(name)) return wrong("a mutant's name is of a-z, 0-9 and _: '" + std::string(name) + "'");
        open_ = context_;
        open_->name = area_ + "/" + std::string(name);
        open_->table = path_;
        open_->line = line_;
        has_old_ = has_new_ = false;
    }

    void form(std::string_view name) {
        const auto* found = std::find_if(forms.begin(), forms.end(), [&](const auto& each) { return each.first == name; });
        if (found == forms.end()) return wrong("no such form: '" + std::string(name) + "'");
        open_->form = found->second;
    }

    static void add(std::string& text, bool& has_text, std::string_view line) {
        if (has_text) text += '\n';
        has_text = true;
        text += line;
    }

    void finish() {
        if (!open_) return;
        const Mutant mutant = *std::exchange(open_, std::nullopt);
        const auto expect = [&](bool holds, const char* what) {
            if (!holds) flaws_.push_back({path_, mutant.line, mutant.name + ": " + what});
            return holds;
        };
        bool is_whole = expect(!mutant.program.empty(), "no program before it");
        is_whole = expect(!mutant.file.empty(), "no file before it") && is_whole;
        is_whole = expect(!mutant.test.empty(), "no test before it") && is_whole;
        is_whole = expect(!mutant.old_text.empty(), "no old text") && is_whole;
        is_whole = expect(mutant.old_text != mutant.new_text, "old and new text are the same") && is_whole;
        if (mutant.form == Form::expression)
            is_whole = expect(is_expression(mutant.old_text) && is_expression(mutant.new_text), "not an expression: see the forms") && is_whole;
        if (mutant.form == Form::inlined)
            is_whole = expect(mutant.new_text.find("MUTANT") != std::string::npos, "an inline text says MUTANT where it asks") && is_whole;
        if (is_whole) mutants_.push_back(mutant);
    }

    void wrong(std::string what) { flaws_.push_back({path_, line_, std::move(what)}); }

    std::string path_, area_;
    std::vector<Mutant>& mutants_;
    std::vector<Flaw>& flaws_;
    Mutant context_;
    std::optional<Mutant> open_;
    bool has_old_ = false, has_new_ = false;
    std::size_t line_ = 0;
};

} // namespace

void read_table(std::string_view text, const std::string& path, std::vector<Mutant>& mutants, std::vector<Flaw>& flaws) {
    if (text.size() > table_bytes_max) return flaws.push_back({path, 1, "longer than a table may be"});
    Reader(path, mutants, flaws).read(text);
}

std::vector<Mutant> read_tables(const std::filesystem::path& root, std::vector<Flaw>& flaws) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(root / "tests/mutants"))
        if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<Mutant> mutants;
    for (const auto& file : files) read_table(text_of(file), file.lexically_relative(root).generic_string(), mutants, flaws);
    std::map<std::string_view, const Mutant*> names;
    for (const Mutant& mutant : mutants)
        if (const auto [other, is_first] = names.emplace(mutant.name, &mutant); !is_first)
            flaws.push_back({mutant.table, mutant.line, mutant.name + " stands in line " + std::to_string(other->second->line) + " already"});
    if (mutants.size() > mutants_max) flaws.push_back({"tests/mutants", 1, "more mutants than fit"});
    return mutants;
}

} // namespace gatehouse::mutants
