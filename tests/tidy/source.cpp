// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/tidy.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <sstream>

namespace gatehouse::tidy {

namespace fs = std::filesystem;

bool is_word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::size_t find_word(std::string_view code, std::string_view word, std::size_t from) {
    for (auto at = code.find(word, from); at != std::string_view::npos; at = code.find(word, at + 1)) {
        const auto end = at + word.size();
        const bool starts = at == 0 || !is_word_char(code[at - 1]);
        if (starts && (end == code.size() || !is_word_char(code[end]))) return at;
    }
    return std::string_view::npos;
}

std::size_t next_solid(std::string_view code, std::size_t from) {
    while (from < code.size() && std::isspace(static_cast<unsigned char>(code[from])) != 0) ++from;
    return from;
}

std::optional<std::size_t> last_solid(std::string_view code, std::size_t from) {
    while (from > 0) {
        --from;
        if (std::isspace(static_cast<unsigned char>(code[from])) == 0) return from;
    }
    return std::nullopt;
}

std::string_view word_before(std::string_view code, std::size_t end) {
    const auto last = last_solid(code, end);
    if (!last || !is_word_char(code[*last])) return {};
    auto first = *last;
    while (first > 0 && is_word_char(code[first - 1])) --first;
    return code.substr(first, *last - first + 1);
}

namespace {

/// Walks one literal or comment at a time; each step blanks what it passes and keeps line breaks.
class Blanker {
public:
    explicit Blanker(std::string_view text) : text_(text), code_(text) {}

    std::string run() {
        while (at_ < text_.size()) step();
        return std::move(code_);
    }

private:
    void step() {
        const char c = text_[at_];
        if (text_.substr(at_, 2) == "//") return blank_to(text_.find('\n', at_));
        if (text_.substr(at_, 2) == "/*") return blank_past(text_.find("*/", at_ + 2), 2);
        if (c == '"' && at_ > 0 && text_[at_ - 1] == 'R') return raw_string();
        if (c == '"') return quoted('"');
        if (c == '\'' && !is_digit_separator()) return quoted('\'');
        ++at_;
    }

    bool is_digit_separator() const {
        return at_ > 0 && at_ + 1 < text_.size() && std::isxdigit(static_cast<unsigned char>(text_[at_ - 1])) != 0 &&
               std::isxdigit(static_cast<unsigned char>(text_[at_ + 1])) != 0;
    }

    void quoted(char quote) {
        auto end = at_ + 1;
        while (end < text_.size() && text_[end] != quote && text_[end] != '\n') end += text_[end] == '\\' ? 2 : 1;
        blank_to(std::min(end + 1, text_.size()));
    }

    void raw_string() {
        const auto open = text_.find('(', at_);
        if (open == std::string_view::npos) return blank_to(open);
        std::string close = ")";
        close += text_.substr(at_ + 1, open - at_ - 1);
        close += '"';
        blank_past(text_.find(close, open), close.size());
    }

    void blank_past(std::size_t end, std::size_t width) { blank_to(end == std::string_view::npos ? end : end + width); }

    void blank_to(std::size_t end) {
        end = std::min(end, text_.size());
        const auto first = at_;
        for (; at_ < end; ++at_)
            if (code_[at_] != '\n') code_[at_] = ' ';
        // The outer quotes stay, so that f("x") does not look like an empty call.
        if (first < end && text_[first] == '"') code_[first] = code_[end - 1] = '"';
    }

    std::string_view text_;
    std::string code_;
    std::size_t at_ = 0;
};

std::vector<std::size_t> lines_of(std::string_view text) {
    std::vector<std::size_t> starts{0};
    for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) starts.push_back(at + 1);
    return starts;
}

std::vector<Include> includes_of(const Source& source) {
    std::vector<Include> found;
    for (std::size_t line = 1; line <= source.line_starts.size(); ++line) {
        std::string_view text = source.line_text(line);
        // A line that is blank in the code stands in a comment or a raw string.
        const auto hash = text.find_first_not_of(" \t");
        if (hash == std::string_view::npos || text[hash] != '#' || source.code[source.line_starts[line - 1] + hash] != '#') continue;
        const auto word = text.find("include", hash);
        if (word == std::string_view::npos || text.find_first_not_of(" \t", hash + 1) != word) continue;
        const auto open = text.find_first_of("<\"", word);
        if (open == std::string_view::npos) continue;
        const auto close = text.find(text[open] == '<' ? '>' : '"', open + 1);
        if (close == std::string_view::npos) continue;
        found.push_back({std::string(text.substr(open + 1, close - open - 1)), line, text[open] == '"'});
    }
    return found;
}

bool is_text(std::string_view path) {
    constexpr std::array endings{".cpp",  ".hpp", ".md",  ".txt", ".cmake", ".toml",    ".json",  ".sql",   ".sh",       ".yaml", ".yml",
                                 ".conf", ".ts",  ".tsx", ".css", ".html",  ".service", ".slice", ".timer", ".sysusers", ".scd",  ".tmpfiles"};
    if (std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return path.ends_with(ending); })) return true;
    return path == "dev" || path == ".ci/run" || path.starts_with(".apt") || path.starts_with(".clang") || path == ".editorconfig" ||
           path == ".gitignore";
}

Source read_source(const fs::path& file, std::string path) {
    Source source;
    source.path = std::move(path);
    std::ifstream in(file, std::ios::binary);
    source.text.assign(std::istreambuf_iterator<char>(in), {});
    source.line_starts = lines_of(source.text);
    if (source.is_cpp()) {
        source.code = blank(source.text);
        source.includes = includes_of(source);
    }
    return source;
}

bool is_passed_over(const std::string& name) {
    return name == ".git" || name == "build" || name == "node_modules" || name == "golden" || name == "corpus";
}

std::vector<std::string> read_ladder(const fs::path& file) {
    std::vector<std::string> rungs;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
        if (!line.empty() && line[0] != '#') rungs.push_back(line);
    return rungs;
}

} // namespace

std::string blank(std::string_view text) { return Blanker(text).run(); }

std::size_t Source::line_of(std::size_t offset) const {
    return static_cast<std::size_t>(std::upper_bound(line_starts.begin(), line_starts.end(), offset) - line_starts.begin());
}

std::string_view Source::line_text(std::size_t line) const {
    const auto start = line_starts[line - 1];
    const auto end = line < line_starts.size() ? line_starts[line] - 1 : text.size();
    return std::string_view(text).substr(start, end - start);
}

bool Source::is_shipped() const {
    constexpr std::array folders{"daemon/", "drivers/", "pipelines/", "sync/", "config/"};
    return std::any_of(folders.begin(), folders.end(), [&](std::string_view folder_name) { return path.starts_with(folder_name); });
}

const Source* Tree::find(std::string_view path) const {
    const auto at =
        std::lower_bound(sources.begin(), sources.end(), path, [](const Source& source, std::string_view wanted) { return source.path < wanted; });
    return at != sources.end() && at->path == path ? &*at : nullptr;
}

Tree read_tree(const fs::path& root) {
    Tree tree;
    tree.root = root;
    tree.ladder = read_ladder(root / "tests/tidy/ladder.txt");
    for (const auto& entry : fs::directory_iterator(root)) tree.top_level.push_back(entry.path().filename().string());
    std::sort(tree.top_level.begin(), tree.top_level.end());
    for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator(); ++at) {
        if (at->is_directory() && is_passed_over(at->path().filename().string())) {
            at.disable_recursion_pending();
            continue;
        }
        auto path = at->path().lexically_relative(root).generic_string();
        if (at->is_regular_file() && is_text(path)) tree.sources.push_back(read_source(at->path(), std::move(path)));
    }
    std::sort(tree.sources.begin(), tree.sources.end(), [](const Source& a, const Source& b) { return a.path < b.path; });
    return tree;
}

std::vector<Finding> check(const fs::path& root) {
    const Tree tree = read_tree(root);
    std::vector<Finding> found;
    check_includes(tree, found);
    check_coroutines(tree, found);
    check_seams(tree, found);
    check_words(tree, found);
    check_files(tree, found);
    std::stable_sort(found.begin(), found.end(),
                     [](const Finding& a, const Finding& b) { return a.file != b.file ? a.file < b.file : a.line < b.line; });
    return found;
}

} // namespace gatehouse::tidy
