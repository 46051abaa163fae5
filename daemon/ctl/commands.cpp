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
    Option{"field", "FIELD", "按该字段精确查找，如 phone、plate、document_number", "look up by this field, e.g. phone, plate, document_number"},
    Option{"value", "VALUE", "要查找的值", "what stands in that field"},
    Option{"purpose", "PURPOSE", "查看完整号码的用途（留痕）", "what numbers are shown in full for; it is recorded"},
    Option{"dry-run", "", "只检查，不写入", "look, and write nothing"},
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
    Option{"set-sub", "NUMBER", "把列出的第几路码流设为子码流（浏览器看它，不录像）",
           "set the listed stream of this number as the second one, which browsers show and which is not recorded"},
    Option{"stream", "main|sub", "看哪路码流；不写则看浏览器能播放的那路", "which stream; when not given the one that browsers can play"},
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
    Command{"person list", "", "limit field value purpose", "人员一览（号码默认打码，查看留痕）",
            "persons in force, numbers masked; looking is recorded", entry_list},
    Command{"person show", "ID [VERSION]", "purpose", "一条人员登记，或其某个历史版本", "one person, or as a version stood", entry_show},
    Command{"person add", "", "file", "登记人员（字段写在 --file 的 JSON 里）", "register a person; its fields stand in a JSON --file", entry_add},
    Command{"person change", "ID", "file", "变更人员登记（产生新版本）", "a new version of a person", entry_change},
    Command{"person end", "ID", "", "终止人员登记，历史保留", "end a person; what it was stays", entry_end},
    Command{"vehicle list", "", "limit field value purpose", "车辆一览（号码默认打码，查看留痕）",
            "vehicles in force, numbers masked; looking is recorded", entry_list},
    Command{"vehicle show", "ID [VERSION]", "purpose", "一条车辆登记，或其某个历史版本", "one vehicle, or as a version stood", entry_show},
    Command{"vehicle add", "", "file", "登记车辆（字段写在 --file 的 JSON 里）", "register a vehicle; its fields stand in a JSON --file", entry_add},
    Command{"vehicle change", "ID", "file", "变更车辆登记（产生新版本）", "a new version of a vehicle", entry_change},
    Command{"vehicle end", "ID", "", "终止车辆登记，历史保留", "end a vehicle; what it was stays", entry_end},
    Command{"visit list", "", "limit field value purpose", "访客一览（号码默认打码，查看留痕）",
            "visits in force, numbers masked; looking is recorded", entry_list},
    Command{"visit show", "ID [VERSION]", "purpose", "一条访客登记，或其某个历史版本", "one visit, or as a version stood", entry_show},
    Command{"visit add", "", "file", "登记访客（字段写在 --file 的 JSON 里）", "register a visit; its fields stand in a JSON --file", entry_add},
    Command{"visit change", "ID", "file", "变更访客登记（产生新版本）", "a new version of a visit", entry_change},
    Command{"visit end", "ID", "", "终止访客登记，历史保留", "end a visit; what it was stays", entry_end},
    Command{"thing list", "", "limit field value purpose", "物品设施一览（号码默认打码，查看留痕）",
            "things in force, numbers masked; looking is recorded", entry_list},
    Command{"thing show", "ID [VERSION]", "purpose", "一条物品设施登记，或其某个历史版本", "one thing, or as a version stood", entry_show},
    Command{"thing add", "", "file", "登记物品设施（字段写在 --file 的 JSON 里）", "register a thing; its fields stand in a JSON --file", entry_add},
    Command{"thing change", "ID", "file", "变更物品设施登记（产生新版本）", "a new version of a thing", entry_change},
    Command{"thing end", "ID", "", "终止物品设施登记，历史保留", "end a thing; what it was stays", entry_end},
    Command{"home list", "", "", "房屋一览", "all homes", home_list},
    Command{"home show", "ID", "", "一套房屋：住户、租赁、车辆（查看留痕）", "a home: who lives there, vehicles; looking is recorded", home_show},
    Command{"home add", "ID", "name place", "登记房屋（--place 为所属楼栋或单元）", "register a home; --place: the building or unit that it lies in",
            home_put},
    Command{"home change", "ID", "name place", "变更房屋登记", "a new version of a home", home_put},
    Command{"home end", "ID", "", "终止房屋登记，历史保留", "end a home; what it was stays", home_end},
    Command{"library", "", "", "资源库有哪些类和字段", "classes and fields of the resource library", library_classes},
    Command{"library import", "CLASS FILE", "dry-run", "导入 CSV 或 XLSX；逐行逐列指出问题", "import CSV or XLSX; every fault by row and column",
            library_import},
    Command{"library undo", "IMPORT", "", "撤销整次导入", "undo a whole import", library_undo},
    Command{"library export", "CLASS FILE", "purpose", "导出为 .csv 或 .xlsx（留痕）", "export as .csv or .xlsx; it is recorded", library_export},
    Command{"camera list", "", "", "全部相机：画面、码率、录像、今日缺失、沙箱",
            "all cameras: picture, bit rate, recording, what is missing today, walls", camera_list},
    Command{"camera probe", "ID|ADDRESS", "port username password-file set-sub", "相机有哪些码流，浏览器能播放哪些",
            "which streams a camera offers, and which of them browsers play", camera_probe},
    Command{"camera snapshot", "ID FILE", "", "把最新画面存为 JPEG（查看会留痕）", "the newest picture as a JPEG file (looking is recorded)",
            camera_snapshot},
    Command{"camera live", "ID", "stream", "实时画面（fMP4）写到标准输出：… | ffplay -（查看会留痕）",
            "the picture of now as fMP4 on standard output, for ffplay - (looking is recorded)", camera_live},
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
    if (name == "main|sub") return {"main", "sub"};
    std::vector<std::string_view> kinds;
    if (name == "KIND")
        for (const auto& kind : all_kinds()) kinds.push_back(kind.name);
    return kinds;
}

} // namespace gatehouse::ctl
