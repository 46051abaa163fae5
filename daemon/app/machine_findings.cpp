// SPDX-License-Identifier: Apache-2.0
//
// Networks, drives, rights and settings: from values to whole sentences in both languages.
#include "daemon/app/findings.hpp"

#include <algorithm>

namespace gatehouse::app {

namespace {

using console::Finding;
constexpr auto fault = Finding::Severity::fault;
constexpr auto warning = Finding::Severity::warning;

std::string octal(unsigned mode) {
    std::string text;
    for (const unsigned shift : {9u, 6u, 3u, 0u}) text += static_cast<char>('0' + ((mode >> shift) & 7u));
    return text;
}

const net::Interface* named(const Networks& networks, const std::string& name) {
    const auto found = std::find_if(networks.interfaces.begin(), networks.interfaces.end(), [&](const auto& one) { return one.name == name; });
    return found == networks.interfaces.end() ? nullptr : &*found;
}

const net::Interface* with_address(const Networks& networks, const std::string& address) {
    for (const auto& one : networks.interfaces)
        for (const auto& each : one.addresses)
            if (each.address == address) return &one;
    return nullptr;
}

/// Who names which interface: "listeners.isapi.interface, upstream district".
std::map<std::string, std::string> wanted_interfaces(const config::Settings& settings, const Networks& networks) {
    std::map<std::string, std::string> wanted;
    const auto add = [&](const std::string& who, const std::string& name) {
        if (name.empty()) return;
        auto& all = wanted[name];
        all += (all.empty() ? "" : ", ") + who;
    };
    add("listeners.isapi", settings.listeners.isapi.interface);
    add("listeners.uhppote", settings.listeners.uhppote.interface);
    add("time.source_interface", settings.time.source_interface);
    add("time.serve_interface", settings.time.serve_interface);
    for (const auto& upstream : settings.upstreams) add("upstream " + upstream.name, upstream.interface);
    for (const auto& [device, interface] : networks.devices) add("device " + device, interface);
    return wanted;
}

void look_at_interface(const Networks& networks, const std::string& name, const std::string& who, Findings& findings) {
    const auto add = [&](std::string code, std::string zh, std::string en) {
        findings.push_back({fault, "network", std::move(code), std::move(zh), std::move(en)});
    };
    const auto* interface = named(networks, name);
    if (interface == nullptr)
        add("network.no_interface", "本机没有名为 " + name + " 的网卡（" + who + "）：核对设置中的网卡名（ip link），或网卡是否插好",
            "there is no interface " + name + " (" + who + "): check its name in the settings (ip link), or whether the card is in");
    else if (!interface->is_up)
        add("network.interface_down", "网卡 " + name + "（" + who + "）未启用：ip link set " + name + " up，并检查网络配置",
            "interface " + name + " (" + who + ") is switched off: ip link set " + name + " up, and look at the network's configuration");
    else if (!interface->has_carrier)
        add("network.no_cable", "网卡 " + name + "（" + who + "）没有信号：检查网线和交换机",
            "interface " + name + " (" + who + ") has no carrier: look at the cable and the switch");
    else if (interface->addresses.empty())
        add("network.no_address", "网卡 " + name + "（" + who + "）没有 IP 地址：配置固定地址，或检查该网的 DHCP",
            "interface " + name + " (" + who + ") has no IP address: give it a fixed one, or look at DHCP in that network");
}

/// Devices are heard in their own network and nowhere else.
void look_at_listener(const config::Settings& settings, const Networks& networks, const std::string& key, const config::Listener& listener,
                      Findings& findings) {
    if (listener.port == 0) return;
    const auto add = [&](Finding::Severity severity, std::string code, std::string zh, std::string en) {
        findings.push_back({severity, "network", std::move(code), std::move(zh), std::move(en)});
    };
    auto side = listener.interface;
    if (!listener.address.empty()) {
        const auto* holder = with_address(networks, listener.address);
        if (holder == nullptr)
            return add(fault, "network.listener_address", key + ".address：" + listener.address + " 不是本机地址，设备连不上来：改为设备网网卡的地址",
                       key + ".address: " + listener.address +
                           " is no address of this machine, no device reaches us: write that of the interface "
                           "in the device network");
        if (!side.empty() && side != holder->name)
            return add(fault, "network.listener_side",
                       key + "：地址 " + listener.address + " 在网卡 " + holder->name + " 上，而设置的网卡是 " + side + "：改正其一",
                       key + ": its address " + listener.address + " is on interface " + holder->name + ", but the settings name " + side +
                           ": correct one of them");
        side = holder->name;
    }
    for (const auto& upstream : settings.upstreams)
        if (!side.empty() && side == upstream.interface)
            return add(fault, "network.listener_side", key + " 设在网卡 " + side + " 上，那是平台 " + upstream.name + " 所在的网：改到设备网的网卡",
                       key + " stands on interface " + side + ", in the network of upstream " + upstream.name +
                           ": put it on the interface of the device network");
    const auto nets = std::count_if(networks.interfaces.begin(), networks.interfaces.end(),
                                    [](const auto& one) { return one.is_up && !one.is_loopback && !one.addresses.empty(); });
    if (side.empty() && nets > 1)
        add(warning, "network.listener_everywhere", key + " 在所有网卡上接收，包括平台一侧：设置 " + key + ".interface 为设备网的网卡",
            key + " listens in every network, the platform's too: set " + key + ".interface to that of the device network");
}

} // namespace

Findings network_findings(const config::Settings& settings, const Networks& networks) {
    Findings findings;
    std::string where;
    for (const auto& each : networks.forwarding) where += (where.empty() ? "" : ", ") + each;
    if (!where.empty())
        findings.push_back(
            {fault, "network", "network.forwarding",
             "系统开启了 IP 转发（" + where + "）：设备网与公安网之间不得互通。关闭：sysctl -w net.ipv4.ip_forward=0 并写入 /etc/sysctl.d/",
             "IP forwarding is on (" + where +
                 "): nothing may pass between the device network and the police network. Switch it off: sysctl -w "
                 "net.ipv4.ip_forward=0, and in /etc/sysctl.d/"});
    for (const auto& shared : net::shared_subnets(networks.interfaces))
        findings.push_back(
            {fault, "network", "network.shared_subnet",
             "网卡 " + shared.one + " 与 " + shared.other + " 在同一网段 " + shared.subnet + "：改其中一个的地址",
             "interfaces " + shared.one + " and " + shared.other + " share the subnet " + shared.subnet + ": give one another address"});
    for (const auto& [name, who] : wanted_interfaces(settings, networks)) look_at_interface(networks, name, who, findings);
    look_at_listener(settings, networks, "listeners.isapi", settings.listeners.isapi, findings);
    look_at_listener(settings, networks, "listeners.uhppote", settings.listeners.uhppote, findings);
    return findings;
}

Findings medium_findings(const store::Medium& medium) {
    Findings findings;
    const auto add = [&](Finding::Severity severity, std::string code, std::string zh, std::string en) {
        findings.push_back({severity, "disk", std::move(code), std::move(zh), std::move(en)});
    };
    if (medium.has("ro"))
        add(fault, "disk.read_only", "数据目录所在的文件系统（" + medium.mount_point + "）变为只读，多为硬盘出错：查看 dmesg，检查（fsck）或更换硬盘",
            "the file system of the data folder (" + medium.mount_point +
                ") is read-only, as after an error of the drive: look at dmesg, check it (fsck) or replace the drive");
    auto verdict = store::judge_storage(medium, std::nullopt);
    using Flush = store::StorageVerdict::Flush;
    const auto code = verdict.flush == Flush::lost           ? "disk.memory"
                      : verdict.flush == Flush::over_network ? "disk.network"
                      : verdict.flush == Flush::not_sent     ? "disk.no_flush"
                                                             : "";
    if (*code != '\0') add(fault, code, std::move(verdict.zh), std::move(verdict.en));
    if (medium.is_encrypted == false)
        add(warning, "disk.not_encrypted", "数据目录所在的卷未加密，硬盘失窃即泄露：按规定应加密（LUKS）的，安装时启用",
            "the volume of the data folder is not encrypted, and a stolen drive tells everything: where rules ask for it, set LUKS up at install");
    return findings;
}

Findings rights_findings(const std::vector<store::Rights>& folders, const std::vector<store::Rights>& secrets, std::uint32_t we) {
    Findings findings;
    const auto look = [&](const store::Rights& one, const std::string& wanted) {
        const auto add = [&](std::string code, std::string zh, std::string en) {
            findings.push_back({fault, "permission", std::move(code), std::move(zh), std::move(en)});
        };
        if ((one.mode & 077u) != 0)
            add("permission.open", one.path + " 的权限为 " + octal(one.mode) + "，其他用户可以访问：chmod " + wanted + " " + one.path,
                one.path + " has mode " + octal(one.mode) + ", others can reach it: chmod " + wanted + " " + one.path);
        if (one.owner != we)
            add("permission.owner",
                one.path + " 属于用户 " + std::to_string(one.owner) + "，而网关以用户 " + std::to_string(we) +
                    " 运行：chown -R gatehouse: " + one.path,
                one.path + " belongs to user " + std::to_string(one.owner) + ", and the daemon runs as user " + std::to_string(we) +
                    ": chown -R gatehouse: " + one.path);
    };
    for (const auto& folder : folders) look(folder, "700");
    for (const auto& secret : secrets) look(secret, "600");
    return findings;
}

Findings settings_findings(const SettingsState& state) {
    Findings findings;
    const auto add = [&](Finding::Severity severity, std::string code, std::string zh, std::string en) {
        findings.push_back({severity, "settings", std::move(code), std::move(zh), std::move(en)});
    };
    if (!state.flaws.empty()) {
        const auto count = std::to_string(state.flaws.size());
        add(fault, "settings.flawed",
            state.file + " 有 " + count + " 处错误，重启后网关将无法启动。第一处：" + config::to_text(state.flaws.front(), config::Language::zh) +
                "。全部：gatehoused --check-config",
            state.file + " has " + count + " flaws, and the daemon would not start with it. The first: " +
                config::to_text(state.flaws.front(), config::Language::en) + ". All of them: gatehoused --check-config");
    } else if (state.is_changed) {
        add(warning, "settings.not_reloaded", state.file + " 已修改，尚未生效：systemctl reload gatehoused",
            state.file + " was changed and is not in force: systemctl reload gatehoused");
    }
    if (state.needs_restart)
        add(warning, "settings.needs_restart", "部分已修改的设置要到下次启动才生效：systemctl restart gatehoused",
            "some changed settings hold from the next start on: systemctl restart gatehoused");
    if (!state.import_failed.empty())
        add(fault, "settings.import", state.import_file + " 未导入，其中的设备没有登记：改正后重启（" + state.import_failed + "）",
            state.import_file + " was not taken, its devices are not registered: correct it and restart (" + state.import_failed + ")");
    return findings;
}

bool needs_restart(const config::Settings& begun, const config::Settings& now) {
    // What a reload takes up (Gatehouse::reload) is looked at as if it had stood there from the start.
    auto then = begun;
    then.upstreams = now.upstreams;
    then.log = now.log;
    then.gateway.language = now.gateway.language;
    then.devices.events_directory = now.devices.events_directory;
    return config::print_settings(then, config::Language::en) != config::print_settings(now, config::Language::en);
}

} // namespace gatehouse::app
