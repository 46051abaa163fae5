// SPDX-License-Identifier: Apache-2.0
//
// The command line, taken apart by the table of commands. Nothing is guessed: an option that is not the command's, a missing value, one
// word too many are told in both languages.
#pragma once

#include "daemon/ctl/commands.hpp"

#include <boost/system/result.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::ctl {

/// One sentence in both languages.
struct Sentence {
    Sentence() = default;
    /// Two of them, so that no lone text turns into an error.
    Sentence(std::string in_zh, std::string in_en) : zh(std::move(in_zh)), en(std::move(in_en)) {}
    std::string zh, en;
};

/// What was typed, fitting its command.
struct Words {
    const Command* command = nullptr;
    std::vector<std::string> operands;
    std::map<std::string, std::string, std::less<>> options; ///< "kind" -> its value; a flag: empty
    std::string socket = "/run/gatehouse/control.sock";
    bool json = false;

    bool has(std::string_view option) const { return options.contains(option); }
    /// Empty: not given.
    const std::string& option(std::string_view name) const;
};

template <class T>
using OrSentence = boost::system::result<T, Sentence>;

/// --lang, wherever it stands and whatever else is wrong; else `locale`.
bool is_chinese(const std::vector<std::string>& typed, bool locale);

/// "--name value" and "--name=value"; after "--" all are operands; -h is --help, which turns any command into `help` of it.
OrSentence<Words> take_apart(const std::vector<std::string>& typed);

} // namespace gatehouse::ctl
