// SPDX-License-Identifier: Apache-2.0
//
// The man page as roff (man(7) macros), from the table of commands. gatehousectl.1 is what this prints in English; a test holds it to that.
#include "daemon/ctl/commands.hpp"

#include <array>

namespace gatehouse::ctl {

namespace {

/// Text as roff takes it literally: '-' as a hyphen that can be copied, no request at a line's beginning.
std::string roff(std::string_view text) {
    std::string out;
    if (!text.empty() && (text[0] == '.' || text[0] == '\'')) out += "\\&";
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if (c == '"')
            out += "\\(dq";
        else
            out += c;
    }
    return out;
}

std::string section(std::string_view zh, std::string_view en, bool is_zh) { return ".SH " + std::string(is_zh ? zh : en) + "\n"; }

std::string tagged(const std::string& tag, std::string_view text) { return ".TP\n" + tag + "\n" + roff(text) + "\n"; }

std::string option_tag(const Option& option) {
    auto tag = "\\fB" + roff("--" + std::string(option.name)) + "\\fR";
    if (!option.value.empty()) tag += " \\fI" + roff(option.value) + "\\fR";
    return tag;
}

std::string command_tag(const Command& command) {
    auto tag = "\\fB" + roff(command.words) + "\\fR";
    if (!command.operands.empty()) tag += " \\fI" + roff(command.operands) + "\\fR";
    return tag;
}

std::string command_text(const Command& command, bool zh) {
    auto text = tagged(command_tag(command), zh ? command.zh : command.en);
    if (command.options.empty()) return text;
    text += ".RS\n";
    for (const auto name : split(command.options))
        text += tagged(option_tag(*option_named(name)), zh ? option_named(name)->zh : option_named(name)->en);
    return text + ".RE\n";
}

struct Code {
    std::string_view code, zh, en;
};
constexpr std::array codes{
    Code{"0", "成功；check：一切正常", "done; check: all fine"},
    Code{"1", "check：有警告", "check: a warning"},
    Code{"2", "check：有故障", "check: a fault"},
    Code{"64", "命令行有误", "the command line is wrong"},
    Code{"65", "值被网关拒绝，或日志已损坏", "a value that the daemon refuses, or a damaged log"},
    Code{"66", "所指的设备、平台或文件不存在", "the device, upstream or file named does not exist"},
    Code{"69", "网关没有运行，或设备没有应答", "the daemon does not run, or a device does not answer"},
    Code{"70", "答复看不懂", "an answer that is not understood"},
    Code{"73", "文件或设备已存在", "the file or device exists already"},
    Code{"75", "暂时繁忙，稍后再试", "busy; try again later"},
    Code{"77", "无权限", "you lack the right"},
};

struct Example {
    std::string_view typed, zh, en;
};
constexpr std::array examples{
    Example{"gatehousectl check", "哪里有问题？", "What is wrong?"},
    Example{"gatehousectl tail --source east-doors --kind pass.denied", "东门的每次拒绝，一发生就显示",
            "Each refusal at the east doors as it happens."},
    Example{"gatehousectl coverage east-doors --from 7d", "这一周东门何时没有记录？", "When was nothing known of the east doors this week?"},
    Example{"gatehousectl device add east-doors --driver uhppote --address 192.168.1.100 --serial 423187757", "登记一台门禁控制器",
            "Register a door controller."},
    Example{"gatehousectl upstream resend district routine 1200 1300", "向区平台重发 1200 到 1300",
            "Send positions 1200 to 1300 to the district again."},
};

} // namespace

std::string man_page(bool zh) {
    std::string page = ".\\\" SPDX-License-Identifier: Apache-2.0\n.\\\" Printed by: gatehousectl help --man\n.TH GATEHOUSECTL 1 \"\" Gatehouse\n";
    page += section("名称", "NAME", zh);
    page += zh ? "gatehousectl \\- 查看和操作安防边缘网关\n" : "gatehousectl \\- look at and operate the security edge gateway\n";
    page += section("概要", "SYNOPSIS", zh);
    page += ".B gatehousectl\n[\\fB\\-\\-socket\\fR \\fIPATH\\fR] [\\fB\\-\\-json\\fR] [\\fB\\-\\-lang\\fR \\fIzh|en\\fR] \\fICOMMAND\\fR ...\n";
    page += section("说明", "DESCRIPTION", zh);
    page += zh ? "技术员的命令。它经 Unix 套接字访问运行中的\n.BR gatehoused ；\n谁能用，由套接字的用户组决定。\n"
               : "What technicians type. It speaks to the running\n.B gatehoused\nover a Unix socket; who may is decided by the socket's group.\n";
    page += section("命令", "COMMANDS", zh);
    for (const auto& command : all_commands()) page += command_text(command, zh);
    page += section("通用选项", "OPTIONS", zh);
    for (const auto& option : common_options()) page += tagged(option_tag(option), zh ? option.zh : option.en);
    page += section("退出码", "EXIT STATUS", zh);
    for (const auto& code : codes) page += tagged("\\fB" + std::string(code.code) + "\\fR", zh ? code.zh : code.en);
    page += section("文件", "FILES", zh);
    page += tagged("\\fI/run/gatehouse/control.sock\\fR", zh ? "控制套接字" : "the control socket");
    page += section("示例", "EXAMPLES", zh);
    for (const auto& example : examples) page += tagged("\\fB" + roff(example.typed) + "\\fR", zh ? example.zh : example.en);
    return page;
}

} // namespace gatehouse::ctl
