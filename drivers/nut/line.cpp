// SPDX-License-Identifier: Apache-2.0
#include "drivers/nut/line.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::drivers::nut {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Takes one word off the front of `rest`, which begins with it.
Result<std::string> take_word(std::string_view& rest) {
    std::string word;
    const bool is_quoted = rest.front() == '"';
    if (is_quoted) rest.remove_prefix(1);
    while (!rest.empty()) {
        const char c = rest.front();
        if (!is_quoted && is_blank(c)) return word;
        rest.remove_prefix(1);
        if (is_quoted && c == '"') return word;
        if (c == '\\' && rest.empty()) return Error(Fault::malformed, "a line that ends with a backslash");
        if (c == '\\') {
            word += rest.front();
            rest.remove_prefix(1);
        } else {
            word += c;
        }
    }
    if (is_quoted) return Error(Fault::malformed, "a quote that is not closed");
    return word;
}

} // namespace

Result<Words> split_line(std::string_view line) {
    if (std::any_of(line.begin(), line.end(), [](char c) { return is_control(c) && c != '\t'; }))
        return Error(Fault::malformed, "a control character in a line");
    Words words;
    for (;;) {
        while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
        if (line.empty()) return words;
        if (words.size() == words_max) return Error(Fault::full, "more than " + std::to_string(words_max) + " words in a line");
        auto word = take_word(line);
        if (!word) return std::move(word).error();
        words.push_back(read_text(*word).text);
    }
}

Result<std::string> make_line(const Words& words) {
    std::string line;
    for (const auto& word : words) {
        if (std::any_of(word.begin(), word.end(), is_control)) return Error(Fault::malformed, "a word with a control character");
        const bool needs_quotes = word.empty() || word.find_first_of(" \"\\") != std::string::npos;
        if (!line.empty()) line += ' ';
        if (needs_quotes) line += '"';
        for (const char c : word) {
            if (c == '"' || c == '\\') line += '\\';
            line += c;
        }
        if (needs_quotes) line += '"';
    }
    if (line.size() > line_bytes_max) return Error(Fault::full, "a line of more than " + std::to_string(line_bytes_max) + " bytes");
    return line + '\n';
}

Result<std::optional<std::string>> LineReader::next() {
    const auto end = bytes_.find('\n');
    if (std::min(end, bytes_.size()) > line_bytes_max) return Error(Fault::full, "a line of more than " + std::to_string(line_bytes_max) + " bytes");
    if (end == std::string::npos) return std::optional<std::string>();
    auto line = bytes_.substr(0, end);
    bytes_.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    return std::optional<std::string>(std::move(line));
}

} // namespace gatehouse::drivers::nut
