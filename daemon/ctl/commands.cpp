// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/commands.hpp"

#include "daemon/ctl/handlers.hpp"
#include "daemon/record/kind.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::ctl {

namespace {

constexpr std::array common{
    Option{"socket", "PATH", "网关的控制套接字（默认 /run/gatehouse/control.sock）", "the daemon's control socket (/run/gatehouse/control.sock)"},
    Option{"json", "", "输出 JSON（时间为 UTC），供程序使用", "JSON for programs, times in UTC"},
    Option{"lang", "zh|en", "语言，默认随系统区域设置", "language; the locale's when not given"},
    Option{"help", "", "显示该命令的说明", "say what the command does"},
};

constexpr std::array own{
    Option{"kind", "KIND", "只看这一类记录，如 pass.granted", "only records of this kind, e.g. pass.granted"},
    Option{"source", "ID", "只看这台设备", "only records of this device"},
    Option{"subject", "SUBJECT", "只看此人或此车，如 card:4471、plate:浙A12345（需个人信息权限）",
           "only this person or vehicle, e.g. card:4471 (needs the right to personal data)"},
    Option{"personal", "", "同时显示个人信息（需权限，查看会留痕）", "show the personal part too (needs the right; looking is recorded)"},
    Option{"after", "POSITION", "从该位置之后开始，一条不漏", "begin after this position and leave nothing out"},
    Option{"once", "", "只显示最新一页，不持续等待", "the newest page, and that is all"},
    Option{"limit", "COUNT", "最多显示多少条（1 到 500）", "how many at most (1 to 500)"},
    Option{"from", "TIME", "起：2026-01-15、\"2026-01-15 08:30\"、08:30（今天）、2h（两小时前）、7d",
           "from: 2026-01-15, \"2026-01-15 08:30\", 08:30 (today), 2h (ago), 7d"},
    Option{"to", "TIME", "止，写法同上", "to, written like --from"},
    Option{"driver", "DRIVER", "协议：isapi（车牌相机、人脸终端、门禁一体机）、onvif（网络相机）、uhppote（门禁控制器）或 nut（UPS）",
           "isapi (plate readers, face terminals, access controllers), onvif (IP cameras), uhppote (door controllers) or nut (a UPS)"},
    Option{"address", "HOST", "设备的 IP 地址；discover：门禁控制器的广播地址（可带 :端口），或要逐个询问的相机网段，如 192.168.50.0/24",
           "the device's IP address; for discover the controllers' broadcast address, with :port where it is not 60000, or a range of cameras to "
           "ask one by one: 192.168.50.0/24"},
    Option{"port", "PORT", "端口；不写则 isapi、onvif 为 80（加密为 443），uhppote 为 60000，nut 为 3493",
           "its port; when not given 80 for isapi and onvif (443 with --tls), 60000 for uhppote, 3493 for nut"},
    Option{"serial", "SERIAL", "控制器上印的序列号（uhppote 必填）", "the number printed on the controller (uhppote needs it)"},
    Option{"name", "NAME", "显示名，如 \"东门 1 号\"", "what people call it"},
    Option{"model", "MODEL", "型号，如 plate、terminal", "its model, e.g. plate or terminal"},
    Option{"place", "PLACE", "安装地点的编号", "the id of the place where it stands"},
    Option{"interface", "NAME", "从哪块网卡访问", "the network interface to reach it by"},
    Option{"tls", "", "用 HTTPS 访问设备", "speak HTTPS with the device"},
    Option{"username", "NAME", "设备的登录名", "its user name"},
    Option{"password-file", "FILE", "密码所在文件（首行，权限 0600）；密码不写在命令行上",
           "the file with its password (first line, mode 0600); a password never stands on the command line"},
    Option{"file", "FILE", "文件（已存在的不会被覆盖）", "a file; one that exists is never overwritten"},
    Option{"order", "DOCUMENT", "删除所依据的文号", "the document that the erasure rests on"},
    Option{"reason", "TEXT", "拒绝的理由，平台会看到", "why not; the platform is told"},
    Option{"directory", "DIRECTORY", "网关的数据目录，如 /var/lib/gatehouse", "the daemon's data directory, e.g. /var/lib/gatehouse"},
    Option{"defaults", "", "打印出厂设置文件", "print the settings file as shipped"},
    Option{"schema", "", "打印设置的 JSON Schema", "print the JSON Schema of the settings"},
    Option{"plan", "", "已登记的设备 30 天需要多大磁盘、多宽上行链路", "what disk and line the registered devices need for thirty days"},
    Option{"storage", "", "测量数据盘：是否对刷盘撒谎（几秒钟）", "measure the drive of the log: whether it lies about flush (a few seconds)"},
    Option{"config", "FILE", "网关未运行时检查的设置文件（默认 /etc/gatehouse/gatehouse.toml）",
           "the settings file that is looked at while the daemon does not run (/etc/gatehouse/gatehouse.toml)"},
    Option{"chrony", "", "打印 chrony 的配置（取自 --file 的 [time]，缺省 /etc/gatehouse/gatehouse.toml）",
           "print chrony's configuration from [time] in --file (/etc/gatehouse/gatehouse.toml)"},
    Option{"man", "", "打印手册页（roff）", "print the man page (roff)"},
};

constexpr std::array commands{
    Command{"status", "", "", "网关、日志、磁盘、设备和每条上报通道的状况", "gateway, log, disk, devices and each lane upward", show_status},
    Command{"check", "", "plan storage config", "用大白话指出哪里有问题；退出码 0 正常、1 警告、2 故障",
            "what is wrong, in plain words; exit code 0 fine, 1 warning, 2 fault", check},
    Command{"tail", "", "kind source subject personal after once limit from to", "实时显示记录；网关重启后自动接上，不漏不重",
            "records as they come; goes on after a restart of the daemon, nothing lost or twice", tail},
    Command{"coverage", "SOURCE", "from to", "某设备何时有记录、何时无记录、何时由设备内存补录",
            "when a device was covered, unknown, or recovered from its own memory", coverage},
    Command{"log verify", "", "", "重算每条记录的承诺、封印和签名", "recompute every commitment, seal and signature", log_verify},
    Command{"device list", "", "", "全部设备", "all devices", device_list},
    Command{"device add", "[ID]", "driver address port serial name model place interface tls username password-file file",
            "登记设备（用选项，或用 --file 给出 JSON）", "register a device, by options or by a JSON --file", device_add},
    Command{"device remove", "ID", "", "注销设备；其记录保留", "remove a device; its records stay", device_remove},
    Command{"device probe", "ID", "", "某台设备怎么了", "what is wrong with one device", device_probe},
    Command{"device discover", "", "address", "在设备网里找设备", "ask the device network who is there", device_discover},
    Command{"device open", "ID [DOOR]", "", "开门或抬杆（默认 1 号门）", "open a door or lift a barrier (door 1 when not given)", device_open},
    Command{"device password", "ACT ID", "", "换设备密码（rotate）：新密码由网关生成并登录验证，验证通过才弃旧；不显示",
            "rotate: a new password for a device, made here, proved by a log-in, never shown; then the old one is forgotten", device_password},
    Command{"clip list", "", "", "平台调取录像的请求：案号、两名警官、是否已批准", "clips that platforms asked for: case, two officers, decision",
            clip_list},
    Command{"clip approve", "ID", "", "批准调取：平台可取走签名的录像", "say yes: the platform may fetch the signed recording", clip_approve},
    Command{"clip refuse", "ID", "reason", "拒绝调取，须写明理由", "say no, with a reason", clip_refuse},
    Command{"upstream status", "", "", "各平台每条通道的积压", "each platform's lanes", upstream_status},
    Command{"upstream dead", "UPSTREAM", "limit", "平台拒收的记录及理由", "records that the platform refused, and why", upstream_dead},
    Command{"upstream resend", "UPSTREAM LANE FIRST LAST", "", "按位置重发", "send a range of positions again", upstream_resend},
    Command{"identity", "", "", "网关、纪元、末位", "gateway, epoch, head", identity},
    Command{"identity renew", "", "", "开始新纪元（身份冲突之后）", "begin a new epoch (after a conflict of identities)", identity_renew},
    Command{"settings", "", "defaults schema chrony file", "当前生效的设置（不含密码）", "settings in force, without secrets", settings},
    Command{"backup", "FILE", "", "在线备份日志", "copy the log while it runs", backup},
    Command{"restore", "FILE", "directory", "恢复备份（先停止网关）", "put a backup in the log's place (daemon stopped)", restore},
    Command{"erase", "SUBJECT", "order", "依文号清空某人的个人信息", "empty a person's records by order", erase},
    Command{"bundle", "", "file", "支持包：不含密码和个人信息", "support bundle without secrets and personal fields", bundle},
    Command{"completion", "SHELL", "", "打印 bash 或 zsh 的补全脚本", "print the completion for bash or zsh", completion},
    Command{"help", "[COMMAND] [VERB]", "man", "说明", "what can be typed", help},
};

constexpr std::size_t options_count = common.size() + own.size();

constexpr auto every_option = [] {
    std::array<Option, options_count> all{};
    std::copy(common.begin(), common.end(), all.begin());
    std::copy(own.begin(), own.end(), all.begin() + common.size());
    return all;
}();

} // namespace

std::span<const Option> all_options() { return every_option; }
std::span<const Option> common_options() { return common; }
std::span<const Command> all_commands() { return commands; }

const Option* option_named(std::string_view name) {
    const auto found = std::find_if(every_option.begin(), every_option.end(), [&](const Option& option) { return option.name == name; });
    return found == every_option.end() ? nullptr : &*found;
}

const Command* command_named(std::string_view words) {
    const auto found = std::find_if(commands.begin(), commands.end(), [&](const Command& command) { return command.words == words; });
    return found == commands.end() ? nullptr : &*found;
}

std::vector<std::string_view> split(std::string_view list) {
    std::vector<std::string_view> words;
    while (!list.empty()) {
        const auto end = std::min(list.find(' '), list.size());
        if (end > 0) words.push_back(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return words;
}

bool takes(const Command& command, std::string_view option) {
    const auto is_it = [&](std::string_view name) { return name == option; };
    const auto names = split(command.options);
    return std::any_of(names.begin(), names.end(), is_it) ||
           std::any_of(common.begin(), common.end(), [&](const Option& one) { return is_it(one.name); });
}

std::string usage_of(const Command& command) {
    std::string usage(command.words);
    if (!command.operands.empty()) usage.append(" ").append(command.operands);
    return usage;
}

std::vector<std::string_view> values_of(std::string_view name) {
    if (name == "LANE") return {"urgent", "routine", "pictures"};
    if (name == "ACT") return {"rotate"};
    if (name == "SHELL") return {"bash", "zsh"};
    if (name == "DRIVER") return {"isapi", "nut", "onvif", "rtsp", "uhppote"};
    if (name == "zh|en") return {"zh", "en"};
    std::vector<std::string_view> kinds;
    if (name == "KIND")
        for (const auto& kind : all_kinds()) kinds.push_back(kind.name);
    return kinds;
}

} // namespace gatehouse::ctl
