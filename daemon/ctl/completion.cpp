// SPDX-License-Identifier: Apache-2.0
//
// Shell completion, from the table of commands. gatehousectl.bash and _gatehousectl are what this prints; a test holds them to that.
#include "daemon/ctl/commands.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace gatehouse::ctl {

namespace {

bool is_path(std::string_view value) { return value == "FILE" || value == "PATH" || value == "DIRECTORY"; }

std::string joined(const std::vector<std::string_view>& words, std::string_view between) {
    std::string text;
    for (const auto word : words) text.append(text.empty() ? "" : between).append(word);
    return text;
}

/// "--kind|--source" of those for which it holds.
std::string options_where(const std::function<bool(const Option&)>& holds) {
    std::string text;
    for (const auto& option : all_options())
        if (holds(option)) text.append(text.empty() ? "--" : "|--").append(option.name);
    return text;
}

std::string paths_options() {
    return options_where([](const Option& option) { return is_path(option.value); });
}
std::string other_valued_options() {
    return options_where([](const Option& option) { return !option.value.empty() && !is_path(option.value) && values_of(option.value).empty(); });
}
std::string valued_options() {
    return options_where([](const Option& option) { return !option.value.empty(); });
}

/// "device" of "device add", each once, in the table's order.
std::vector<std::string_view> first_words() {
    std::vector<std::string_view> words;
    for (const auto& command : all_commands()) {
        const auto word = command.words.substr(0, command.words.find(' '));
        if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
    return words;
}

std::vector<std::string_view> verbs_of(std::string_view group) {
    std::vector<std::string_view> verbs;
    for (const auto& command : all_commands())
        if (command.words.starts_with(std::string(group) + " ")) verbs.push_back(command.words.substr(group.size() + 1));
    return verbs;
}

std::string two_words() {
    std::string text;
    for (const auto& command : all_commands())
        if (command.words.find(' ') != std::string_view::npos) text.append(text.empty() ? "'" : "|'").append(command.words).append("'");
    return text;
}

/// What may stand after so many plain words of the command: "upstream resend:3" -> the values, or "FILE".
struct Place {
    std::string key;
    std::string name; ///< of the operand, without brackets
};
std::vector<Place> places() {
    std::vector<Place> places;
    for (const auto& command : all_commands()) {
        auto count = split(command.words).size();
        for (auto name : split(command.operands)) {
            if (name.front() == '[') name = name.substr(1, name.size() - 2);
            places.push_back({std::string(command.words) + ":" + std::to_string(count), std::string(name)});
            ++count;
        }
    }
    return places;
}

std::string options_of(const Command& command, std::string_view between) {
    std::string text;
    for (const auto& option : all_options())
        if (takes(command, option.name)) text.append(text.empty() ? "--" : std::string(between) + "--").append(option.name);
    return text;
}

std::string bash_list(const std::string& pattern, const std::string& list) { return "    " + pattern + ") list='" + list + "' ;;\n"; }

/// Single quotes end a quoted word, a colon ends a name before its description.
std::string zsh_quoted(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\'')
            out += "'\\''";
        else if (c == ':')
            out += "\\:";
        else
            out += c;
    }
    return out;
}

std::string zsh_list(const std::string& pattern, const std::vector<std::pair<std::string, std::string_view>>& rows) {
    std::string text = "    (" + pattern + ") list=(";
    for (const auto& [word, about] : rows) text += " '" + word + (about.empty() ? "" : ":" + zsh_quoted(about)) + "'";
    return text + " ) ;;\n";
}

std::string_view about(std::string_view words) {
    const auto* command = command_named(words);
    return command == nullptr ? std::string_view() : command->en;
}

} // namespace

std::string bash_completion() {
    std::string text = "# SPDX-License-Identifier: Apache-2.0\n# Printed by: gatehousectl completion bash\n_gatehousectl() {\n"
                       "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command='' list='' files='' plain=() i\n"
                       "    for ((i = 1; i < COMP_CWORD; ++i)); do\n        case ${COMP_WORDS[i]} in\n        ";
    text += valued_options() + ") ((++i)) ;;\n        -*) ;;\n        *) plain+=(\"${COMP_WORDS[i]}\") ;;\n        esac\n    done\n";
    text += "    command=\"${plain[*]:0:2}\"\n    case $command in\n    " + two_words() + ") ;;\n    *) command=${plain[0]-} ;;\n    esac\n";
    text += "    case $before in\n    " + paths_options() + ") files=yes ;;\n    " + other_valued_options() + ") return ;;\n";
    for (const auto& option : all_options())
        if (!values_of(option.value).empty()) text += bash_list("--" + std::string(option.name), joined(values_of(option.value), " "));
    text += "    *)\n    if [[ $word == -* ]]; then\n    case $command in\n";
    for (const auto& command : all_commands()) text += bash_list("'" + std::string(command.words) + "'", options_of(command, " "));
    text += bash_list("*", options_of(*command_named("status"), " ")) + "    esac\n    else\n    case $command:${#plain[@]} in\n";
    text += bash_list(":0", joined(first_words(), " "));
    for (const auto group : first_words())
        if (const auto verbs = verbs_of(group); !verbs.empty()) text += bash_list(std::string(group) + ":1", joined(verbs, " "));
    for (const auto& [key, name] : places()) {
        if (is_path(name)) text += "    '" + key + "') files=yes ;;\n";
        if (const auto values = values_of(name); !values.empty()) text += bash_list("'" + key + "'", joined(values, " "));
    }
    text += bash_list("'help:1'", joined(first_words(), " "));
    text += "    esac\n    fi ;;\n    esac\n    if [[ $files ]]; then\n        compopt -o filenames 2>/dev/null\n"
            "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n    else\n"
            "        mapfile -t COMPREPLY < <(compgen -W \"$list\" -- \"$word\")\n    fi\n}\ncomplete -F _gatehousectl gatehousectl\n";
    return text;
}

std::string zsh_completion() {
    std::string text =
        "#compdef gatehousectl\n# SPDX-License-Identifier: Apache-2.0\n# Printed by: gatehousectl completion zsh\n_gatehousectl() {\n"
        "    local -a plain list\n    local command='' i\n    for ((i = 2; i < CURRENT; ++i)); do\n        case $words[i] in\n        (";
    text += valued_options() + ") ((++i)) ;;\n        (-*) ;;\n        (*) plain+=(\"$words[i]\") ;;\n        esac\n    done\n";
    text += "    command=\"${plain[1,2]}\"\n    case $command in\n    (" + two_words() + ") ;;\n    (*) command=\"${plain[1]}\" ;;\n    esac\n";
    text += "    case $words[CURRENT-1] in\n    (" + paths_options() + ") _files; return ;;\n    (" + other_valued_options() + ") return ;;\n";
    for (const auto& option : all_options())
        if (!values_of(option.value).empty())
            text += "    (--" + std::string(option.name) + ") compadd -- " + joined(values_of(option.value), " ") + "; return ;;\n";
    text += "    esac\n    if [[ $words[CURRENT] == -* ]]; then\n    case $command in\n";
    for (const auto& command : all_commands()) {
        std::vector<std::pair<std::string, std::string_view>> rows;
        for (const auto& option : all_options())
            if (takes(command, option.name)) rows.emplace_back("--" + std::string(option.name), option.en);
        text += zsh_list("'" + std::string(command.words) + "'", rows);
    }
    std::vector<std::pair<std::string, std::string_view>> rows;
    for (const auto& option : common_options()) rows.emplace_back("--" + std::string(option.name), option.en);
    text += zsh_list("*", rows) + "    esac\n    _describe -o option list\n    return\n    fi\n    case \"$command:${#plain}\" in\n";
    rows.clear();
    for (const auto word : first_words()) rows.emplace_back(word, about(word));
    text += zsh_list("':0'|'help:1'", rows);
    for (const auto group : first_words()) {
        rows.clear();
        for (const auto verb : verbs_of(group)) rows.emplace_back(verb, about(std::string(group) + " " + std::string(verb)));
        if (!rows.empty()) text += zsh_list("'" + std::string(group) + ":1'", rows);
    }
    for (const auto& [key, name] : places()) {
        if (is_path(name)) text += "    ('" + key + "') _files; return ;;\n";
        rows.clear();
        for (const auto value : values_of(name)) rows.emplace_back(value, std::string_view());
        if (!rows.empty()) text += zsh_list("'" + key + "'", rows);
    }
    return text + "    esac\n    _describe command list\n}\n_gatehousectl \"$@\"\n";
}

} // namespace gatehouse::ctl
