// SPDX-License-Identifier: Apache-2.0
//
// Words that say nothing or the wrong thing, each with what to say instead; notes to self without an issue; machine paths.
#include "tests/tidy/tidy.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace gatehouse::tidy {

namespace {

constexpr auto none = std::string_view::npos;

struct Word {
    std::string_view wrong;
    std::string_view instead;
};

constexpr std::array words{
    Word{"manager", "say what it does: supervisor, registry, pool, dispatcher"},
    Word{"helper", "name the thing that it is, or the function that it does"},
    Word{"helpers", "name the thing that it is, or the function that it does"},
    Word{"util", "put it with the noun that it works on"},
    Word{"utils", "put it with the noun that it works on"},
    Word{"impl", "an inside/ folder, or struct Inside"},
    Word{"misc", "name the thing"},
};

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }

/// The words of an identifier: "DeviceManager" and "device_manager" both give device, manager.
std::vector<std::string> parts_of(std::string_view identifier) {
    std::vector<std::string> parts;
    std::string part;
    for (std::size_t at = 0; at < identifier.size(); ++at) {
        const char c = identifier[at];
        const bool starts_word = is_upper(c) && at > 0 && !is_upper(identifier[at - 1]);
        if ((c == '_' || starts_word) && !part.empty()) parts.push_back(std::exchange(part, {}));
        if (c != '_') part += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    if (!part.empty()) parts.push_back(part);
    return parts;
}

void judge_identifier(std::string_view identifier, const std::string& file, std::size_t line, std::vector<Finding>& found) {
    // A compound has a manager: the role's bare name is a person, DeviceManager is not.
    if (identifier == "manager") return;
    for (const std::string& part : parts_of(identifier))
        for (const Word& word : words)
            if (part == word.wrong)
                found.push_back({file, line, "G16", std::string(identifier) + ": not \"" + part + "\"; " + std::string(word.instead)});
}

void identifiers(const Source& source, std::vector<Finding>& found) {
    const std::string& code = source.code;
    for (std::size_t at = 0; at < code.size();) {
        if (!is_word_char(code[at])) {
            ++at;
            continue;
        }
        auto end = at;
        while (end < code.size() && is_word_char(code[end])) ++end;
        const auto line = source.line_of(at);
        const bool is_directive = source.line_text(line).starts_with("#include");
        // Somebody else's names (boost::..::impl) are theirs.
        const bool is_foreign = at >= 2 && code.compare(at - 2, 2, "::") == 0 && source.line_text(line).find("boost::") != none;
        if (!is_directive && !is_foreign) judge_identifier(std::string_view(code).substr(at, end - at), source.path, line, found);
        at = end;
    }
}

void lists(const Source& source, std::vector<Finding>& found) {
    const std::string text = lower(source.text);
    for (const auto& [wrong, instead] : {Word{"whitelist", "allow list"}, Word{"blacklist", "deny list"}})
        for (auto at = text.find(wrong); at != none; at = text.find(wrong, at + 1)) {
            const auto line = source.line_of(at);
            const auto whole = source.line_text(line);
            if (whole.find("// wire") == none && whole.find("# wire") == none)
                found.push_back({source.path, line, "G16",
                                 std::string(wrong) + ": say \"" + std::string(instead) + "\", or mark a device's own word with // wire"});
        }
}

void notes(const Source& source, std::vector<Finding>& found) {
    for (const std::string_view note : {"TODO", "FIXME"})
        for (auto at = find_word(source.text, note, 0); at != none; at = find_word(source.text, note, at + 1)) {
            const std::string_view rest = std::string_view(source.text).substr(at + note.size());
            const bool names_issue =
                note == "TODO" && rest.size() > 2 && rest.starts_with("(#") && std::isdigit(static_cast<unsigned char>(rest[2])) != 0;
            if (!names_issue) found.push_back({source.path, source.line_of(at), "G15", std::string(note) + " without an issue: TODO(#12)"});
        }
}

/// Written apart, so that this file does not find itself.
constexpr std::array machine_paths{std::string_view("/wo"
                                                    "rk/"),
                                   std::string_view("/tmp/"
                                                    "gh"),
                                   std::string_view("../sha"
                                                    "red"),
                                   std::string_view("/ho"
                                                    "me/"),
                                   std::string_view("/ro"
                                                    "ot/")};

void paths(const Source& source, std::vector<Finding>& found) {
    const std::string_view text = source.text;
    for (const auto path : machine_paths)
        for (auto at = text.find(path); at != none; at = text.find(path, at + 1)) {
            const bool goes_on = at > 0 && (is_word_char(text[at - 1]) || std::string_view(".}*-").find(text[at - 1]) != none);
            if (!goes_on) found.push_back({source.path, source.line_of(at), "G17", std::string(path) + " is a path of somebody's machine"});
        }
}

} // namespace

void check_words(const Tree& tree, std::vector<Finding>& found) {
    for (const Source& source : tree.sources) {
        const bool is_script = source.path.ends_with(".sh") || source.path.ends_with(".toml") || source.path.ends_with(".sql") ||
                               source.path.ends_with("CMakeLists.txt") || source.path == "dev";
        const bool is_about_words = source.path.starts_with("tests/tidy/");
        paths(source, found);
        if (is_about_words) continue;
        if (source.is_cpp() || is_script) notes(source, found);
        if (!source.is_shipped()) continue;
        if (source.is_cpp() || is_script) lists(source, found);
        if (source.is_cpp()) {
            identifiers(source, found);
            const auto slash = source.path.rfind('/');
            judge_identifier(std::string_view(source.path).substr(slash + 1, source.path.rfind('.') - slash - 1), source.path, 1, found);
        }
    }
}

} // namespace gatehouse::tidy
