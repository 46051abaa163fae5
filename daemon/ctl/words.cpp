// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/words.hpp"

#include "daemon/ctl/table.hpp"

#include <algorithm>

namespace gatehouse::ctl {

namespace {

const std::string nothing;

Sentence unknown_command(const std::string& typed) {
    const auto shown = printable(typed);
    return {"没有这个命令：" + shown + "。全部命令：gatehousectl help", "no such command: " + shown + "; all of them: gatehousectl help"};
}

/// What may follow the word of a group: "list, add".
std::string verbs_of(std::string_view group) {
    std::string verbs;
    for (const auto& command : all_commands())
        if (command.words.starts_with(std::string(group) + " "))
            verbs.append(verbs.empty() ? "" : ", ").append(command.words.substr(group.size() + 1));
    return verbs;
}

/// Options and plain words, not yet looked at.
struct Sorted {
    std::vector<std::string> plain;
    std::map<std::string, std::string, std::less<>> options;
};

OrSentence<Sorted> sort(const std::vector<std::string>& typed) {
    Sorted sorted;
    bool only_operands = false;
    for (std::size_t i = 0; i < typed.size(); ++i) {
        std::string word = typed[i] == "-h" ? "--help" : typed[i];
        if (only_operands || !word.starts_with("-") || word == "-") {
            sorted.plain.push_back(std::move(word));
            continue;
        }
        if (word == "--") {
            only_operands = true;
            continue;
        }
        const auto equals = word.find('=');
        const auto name = word.substr(0, equals);
        const auto shown = printable(name);
        const auto* option = name.starts_with("--") ? option_named(std::string_view(name).substr(2)) : nullptr;
        if (option == nullptr)
            return Sentence{"没有这个选项：" + shown + "。说明：gatehousectl help", "no such option: " + shown + "; see gatehousectl help"};
        std::string value;
        if (option->value.empty()) {
            if (equals != std::string::npos) return Sentence{"选项 " + shown + " 不带值", "option " + shown + " takes no value"};
        } else if (equals != std::string::npos) {
            value = word.substr(equals + 1);
        } else if (i + 1 < typed.size()) {
            value = typed[++i];
        }
        if (!option->value.empty() && value.empty())
            return Sentence{"选项 " + shown + " 缺少值：" + std::string(option->value),
                            "option " + shown + " lacks its value: " + std::string(option->value)};
        if (!sorted.options.emplace(option->name, std::move(value)).second)
            return Sentence{"选项 " + shown + " 写了两次", "option " + shown + " stands twice"};
    }
    return sorted;
}

/// The command and how many of the plain words are its name. A group's word alone means what shows the group.
OrSentence<std::pair<const Command*, std::size_t>> find_command(const std::vector<std::string>& plain) {
    using Found = std::pair<const Command*, std::size_t>;
    if (plain.empty()) return Found{command_named("help"), 0};
    const auto& group = plain[0];
    if (plain.size() > 1)
        if (const auto* command = command_named(group + " " + plain[1])) return Found{command, 2};
    if (const auto* command = command_named(group)) return Found{command, 1};
    const auto verbs = verbs_of(group);
    if (verbs.empty()) return unknown_command(group);
    if (plain.size() == 1)
        for (const auto* verb : {" list", " status"})
            if (const auto* command = command_named(group + verb)) return Found{command, 1};
    const std::string typed = plain.size() > 1 ? group + " " + plain[1] : group;
    return Sentence{"没有这个命令：" + printable(typed) + "。" + group + " 之后应为：" + verbs,
                    "no such command: " + printable(typed) + "; after " + group + ": " + verbs};
}

std::string language_value(const std::vector<std::string>& typed) {
    for (std::size_t i = 0; i < typed.size(); ++i) {
        if (typed[i] == "--lang" && i + 1 < typed.size()) return typed[i + 1];
        if (typed[i].starts_with("--lang=")) return typed[i].substr(7);
    }
    return {};
}

OrSentence<Words> fit(Words words) {
    const auto& command = *words.command;
    for (const auto& option : words.options)
        if (!takes(command, option.first))
            return Sentence{"命令 " + std::string(command.words) + " 没有选项 --" + option.first + "。说明：gatehousectl help " +
                                std::string(command.words),
                            "the command " + std::string(command.words) + " has no option --" + option.first + "; see gatehousectl help " +
                                std::string(command.words)};
    const auto names = split(command.operands);
    const auto needed = static_cast<std::size_t>(std::count_if(names.begin(), names.end(), [](std::string_view name) { return name[0] != '['; }));
    const auto usage = usage_of(command);
    if (words.operands.size() < needed)
        return Sentence{"缺少 " + std::string(names[words.operands.size()]) + "。用法：gatehousectl " + usage,
                        std::string(names[words.operands.size()]) + " is missing; usage: gatehousectl " + usage};
    if (words.operands.size() > names.size())
        return Sentence{"多余的词：" + printable(words.operands[names.size()]) + "。用法：gatehousectl " + usage,
                        "one word too many: " + printable(words.operands[names.size()]) + "; usage: gatehousectl " + usage};
    return words;
}

} // namespace

const std::string& Words::option(std::string_view name) const {
    const auto found = options.find(name);
    return found == options.end() ? nothing : found->second;
}

bool is_chinese(const std::vector<std::string>& typed, bool locale) {
    const auto value = language_value(typed);
    return value == "zh" || (locale && value != "en");
}

OrSentence<Words> take_apart(const std::vector<std::string>& typed) {
    auto sorted = sort(typed);
    if (!sorted) return sorted.error();
    const auto found = find_command(sorted->plain);
    if (!found) return found.error();
    Words words;
    words.command = found->first;
    words.operands.assign(sorted->plain.begin() + static_cast<std::ptrdiff_t>(found->second), sorted->plain.end());
    words.options = std::move(sorted->options);
    if (words.has("lang") && words.option("lang") != "zh" && words.option("lang") != "en")
        return Sentence{"--lang：应为 zh 或 en", "--lang: zh or en expected"};
    if (words.has("socket")) words.socket = words.option("socket");
    words.json = words.has("json");
    if (words.has("help") && words.command->words != "help") {
        words.operands.clear();
        for (const auto word : split(words.command->words)) words.operands.emplace_back(word);
        words.command = command_named("help");
        words.options.clear();
    }
    return fit(std::move(words));
}

} // namespace gatehouse::ctl
