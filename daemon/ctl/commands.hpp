// SPDX-License-Identifier: Apache-2.0
//
// One literal table of what can be typed (commands.cpp): help, man page, shell completion and the reading of the command line come from it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::ctl {

struct Session;

struct Option {
    std::string_view name;  ///< without the dashes
    std::string_view value; ///< what the value is called; empty: a flag
    std::string_view zh, en;
};

struct Command {
    std::string_view words;    ///< "device add"
    std::string_view operands; ///< "ID [DOOR]": those in brackets may be missing
    std::string_view options;  ///< names, blank-separated; those of every command are not repeated
    std::string_view zh, en;   ///< one line
    int (*run)(const Session& session);
};

std::span<const Option> all_options();
std::span<const Option> common_options(); ///< of every command
std::span<const Command> all_commands();

const Option* option_named(std::string_view name);
/// The command of exactly these words ("device list"), or none.
const Command* command_named(std::string_view words);
/// The words, blank-separated, one by one.
std::vector<std::string_view> split(std::string_view list);
bool takes(const Command& command, std::string_view option);
/// "device open ID [DOOR]"
std::string usage_of(const Command& command);

/// The values that may stand where `name` ("LANE", "zh|en") stands; empty: anything.
std::vector<std::string_view> values_of(std::string_view name);

// help.cpp, man_page.cpp, completion.cpp
std::string help_text(bool zh);
std::string help_text(const Command& command, bool zh);
std::string man_page(bool zh); ///< roff, for man(7)
std::string bash_completion();
std::string zsh_completion();

} // namespace gatehouse::ctl
