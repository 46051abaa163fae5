// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/session.hpp"
#include "daemon/ctl/table.hpp"

#include <algorithm>

namespace gatehouse::ctl {

namespace {

using Row = std::pair<std::string, std::string_view>;

std::string rows_text(const std::vector<Row>& rows) {
    std::size_t widest = 0;
    for (const auto& row : rows) widest = std::max(widest, width_of(row.first));
    std::string text;
    for (const auto& [left, right] : rows) text += "  " + left + std::string(widest - width_of(left) + 2, ' ') + std::string(right) + "\n";
    return text;
}

std::string option_text(const Option& option) {
    std::string text = "--" + std::string(option.name);
    if (!option.value.empty()) text.append(" ").append(option.value);
    return text;
}

std::vector<Row> option_rows(const Command& command, bool zh) {
    std::vector<Row> rows;
    for (const auto name : split(command.options))
        rows.emplace_back(option_text(*option_named(name)), zh ? option_named(name)->zh : option_named(name)->en);
    for (const auto& option : common_options()) rows.emplace_back(option_text(option), zh ? option.zh : option.en);
    return rows;
}

/// All commands whose words begin with `group`; empty: all.
std::vector<Row> command_rows(const std::string& group, bool zh) {
    std::vector<Row> rows;
    for (const auto& command : all_commands())
        if (group.empty() || command.words == group || command.words.starts_with(group + " "))
            rows.emplace_back(usage_of(command), zh ? command.zh : command.en);
    return rows;
}

} // namespace

std::string help_text(bool zh) {
    std::string text = zh ? "用法：gatehousectl [选项] 命令\n\n" : "usage: gatehousectl [options] COMMAND\n\n";
    text += rows_text(command_rows("", zh));
    std::vector<Row> rows;
    for (const auto& option : common_options()) rows.emplace_back(option_text(option), zh ? option.zh : option.en);
    text += "\n" + rows_text(rows);
    text += zh ? "\n某个命令的选项：gatehousectl help 命令。退出码：0 成功，64 命令有误，65 数据有误，66 未找到，69 网关或设备不可用，\n"
                 "70 答复看不懂，73 已存在，75 稍后再试，77 无权限；check 为 0 正常、1 警告、2 故障。\n"
               : "\nA command's own options: gatehousectl help COMMAND. Exit codes: 0 done, 64 command line, 65 data, 66 not found, 69 daemon or\n"
                 "device unavailable, 70 answer not understood, 73 exists already, 75 try later, 77 no right; check: 0 fine, 1 warning, 2 fault.\n";
    return text;
}

std::string help_text(const Command& command, bool zh) {
    std::string text = (zh ? "用法：gatehousectl " : "usage: gatehousectl ") + usage_of(command);
    text += zh ? " [选项]\n\n" : " [options]\n\n";
    text.append(zh ? command.zh : command.en).append("\n\n");
    return text + rows_text(option_rows(command, zh));
}

int help(const Session& session) {
    const auto& operands = session.words.operands;
    auto& out = session.around.out;
    if (session.words.has("man")) {
        out << man_page(session.zh());
        return exit_ok;
    }
    if (operands.empty()) {
        out << help_text(session.zh());
        return exit_ok;
    }
    const auto typed = operands.size() > 1 ? operands[0] + " " + operands[1] : operands[0];
    if (const auto* command = command_named(typed)) {
        out << help_text(*command, session.zh());
        return exit_ok;
    }
    const auto rows = command_rows(typed, session.zh());
    if (rows.empty()) return session.fail(exit_usage, "没有这个命令：" + printable(typed), "no such command: " + printable(typed));
    out << rows_text(rows);
    return exit_ok;
}

int completion(const Session& session) {
    const auto& shell = session.words.operands[0];
    if (shell != "bash" && shell != "zsh") return session.fail(exit_usage, "SHELL：应为 bash 或 zsh", "SHELL: bash or zsh expected");
    session.around.out << (shell == "bash" ? bash_completion() : zsh_completion());
    return exit_ok;
}

} // namespace gatehouse::ctl
