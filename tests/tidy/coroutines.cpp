// SPDX-License-Identifier: Apache-2.0
//
// g++ 12.2 frees twice when a braced value is built inside a co_await full expression, and a coroutine lambda that captures outlives
// its closure: both compile without a word, so they are looked for here.
#include "tests/tidy/tidy.hpp"

#include <algorithm>
#include <cctype>

namespace gatehouse::tidy {

namespace {

constexpr auto none = std::string_view::npos;

/// Every bracket's partner and the opener of the bracket around it.
struct Brackets {
    std::vector<std::size_t> partner; ///< per offset; none where there is no bracket or no partner
    std::vector<std::size_t> around;  ///< per offset: the innermost opener that holds it

    explicit Brackets(std::string_view code) : partner(code.size(), none), around(code.size(), none) {
        std::vector<std::size_t> open;
        for (std::size_t at = 0; at < code.size(); ++at) {
            const char c = code[at];
            const bool closes = c == ')' || c == ']' || c == '}';
            if (closes && !open.empty()) {
                partner[at] = open.back();
                partner[open.back()] = at;
                open.pop_back();
            }
            around[at] = open.empty() ? none : open.back();
            if (c == '(' || c == '[' || c == '{') open.push_back(at);
        }
    }
};

bool is_control_head(std::string_view code, std::size_t open) {
    if (code[open] != '(') return false;
    const auto word = word_before(code, open);
    return word == "if" || word == "while" || word == "for" || word == "switch" || word == "constexpr" || word == "catch";
}

/// Braces hold statements when a semicolon stands directly in them; else they build a value.
bool holds_statements(std::string_view code, const Brackets& brackets, std::size_t open) {
    for (auto at = open + 1; at < code.size() && code[at] != '}'; ++at) {
        if (code[at] == ';') return true;
        if (brackets.partner[at] != none && brackets.partner[at] > at) at = brackets.partner[at];
    }
    return false;
}

/// A closed brace right before us belongs to our expression when an operator, a comma or a bracket follows it.
bool goes_on_after(std::string_view code, std::size_t close) {
    const auto next = next_solid(code, close + 1);
    return next < code.size() && std::string_view(",).;:?]+-*/<>=&|%^").find(code[next]) != none;
}

/// The first brace in the full expression around `here` (a co_await), or none.
std::size_t brace_beside(std::string_view code, const Brackets& brackets, std::size_t here) {
    std::size_t inner = here; // grows outwards to the bracket that holds our expression directly
    std::size_t holder = brackets.around[here];
    for (; holder != none && code[holder] != '{' && !is_control_head(code, holder); holder = brackets.around[holder]) inner = holder;
    if (holder != none && code[holder] == '{' && !holds_statements(code, brackets, holder)) return holder;

    std::size_t start = inner;
    while (start > 0 && start - 1 != holder) {
        const char c = code[start - 1];
        if (c == ';' || c == '{') break;
        if (const auto open = brackets.partner[start - 1]; open != none && open < start - 1) {
            if (c == '}' && !goes_on_after(code, start - 1)) break;
            if (c == ')' && is_control_head(code, open)) break;
            start = open;
        } else {
            --start;
        }
    }
    const std::size_t limit = holder == none || brackets.partner[holder] == none ? code.size() : brackets.partner[holder];
    std::size_t end = inner;
    while (end < limit && code[end] != ';') end = brackets.partner[end] != none && brackets.partner[end] > end ? brackets.partner[end] + 1 : end + 1;
    return std::min(code.substr(0, end).find('{', start), code.size()) < end ? code.find('{', start) : none;
}

void braces(const Source& source, const Brackets& brackets, std::vector<Finding>& found) {
    const std::string_view code = source.code;
    std::size_t last_line = 0;
    for (auto at = find_word(code, "co_await", 0); at != none; at = find_word(code, "co_await", at + 1)) {
        if (brace_beside(code, brackets, at) == none) continue;
        const auto line = source.line_of(at);
        if (line != last_line) found.push_back({source.path, line, "G9", "brace in a co_await statement: name the value, then std::move it"});
        last_line = line;
    }
}

struct Call {
    std::size_t name, open, close;
};

std::vector<Call> calls_of(std::string_view code, const Brackets& brackets, std::string_view name) {
    std::vector<Call> calls;
    for (auto at = find_word(code, name, 0); at != none; at = find_word(code, name, at + 1)) {
        const auto open = next_solid(code, at + name.size());
        if (open < code.size() && code[open] == '(' && brackets.partner[open] != none) calls.push_back({at, open, brackets.partner[open]});
    }
    return calls;
}

/// The body of the lambda whose capture list opens at `open`, as (first, last) offsets; nothing if this is a subscript.
std::optional<std::pair<std::size_t, std::size_t>> lambda_body(std::string_view code, const Brackets& brackets, std::size_t open) {
    const auto before = last_solid(code, open);
    if (before && (is_word_char(code[*before]) || code[*before] == ')' || code[*before] == ']')) return std::nullopt;
    for (auto at = brackets.partner[open] + 1; at < code.size() && code[at] != ';' && code[at] != ','; ++at) {
        if (code[at] == '{') return std::pair(at, brackets.partner[at] == none ? code.size() : brackets.partner[at]);
        if (brackets.partner[at] != none && brackets.partner[at] > at) at = brackets.partner[at];
    }
    return std::nullopt;
}

void captures(const Source& source, const Brackets& brackets, const Call& call, bool keeps_closure, std::vector<Finding>& found) {
    const std::string_view code = source.code;
    for (auto at = code.find('[', call.open); at < call.close; at = code.find('[', at + 1)) {
        const auto close = brackets.partner[at];
        if (close == none || close > call.close) continue;
        const auto list = code.substr(at + 1, close - at - 1);
        const auto body = lambda_body(code, brackets, at);
        if (!body) continue;
        const auto inside = code.substr(body->first, body->second - body->first);
        const bool is_coroutine = find_word(inside, "co_await", 0) != none || find_word(inside, "co_return", 0) != none;
        // co_spawn keeps the closure that it is given, so there only references are wrong; spawn() is given what a call returned.
        const bool is_wrong = keeps_closure ? list.find('&') != none : next_solid(list, 0) < list.size();
        if (is_coroutine && is_wrong)
            found.push_back(
                {source.path, source.line_of(at), "G11", "a capturing coroutine lambda outlives its closure: write a function and pass values"});
    }
}

} // namespace

void check_coroutines(const Tree& tree, std::vector<Finding>& found) {
    for (const Source& source : tree.sources) {
        if (!source.is_cpp() || (source.code.find("co_") == std::string::npos && source.code.find("spawn") == std::string::npos)) continue;
        const Brackets brackets(source.code);
        braces(source, brackets, found);
        for (const Call& call : calls_of(source.code, brackets, "spawn")) captures(source, brackets, call, false, found);
        for (const Call& call : calls_of(source.code, brackets, "co_spawn")) {
            captures(source, brackets, call, true, found);
            if (const auto at = find_word(source.code, "detached", call.open); at < call.close)
                found.push_back(
                    {source.path, source.line_of(at), "G10", "detached swallows exceptions: use Loop::spawn, or a handler that ends the process"});
        }
    }
}

} // namespace gatehouse::tidy
