// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/findings.hpp"

#include "daemon/net/interfaces.hpp"

#include <algorithm>

namespace gatehouse::app {

namespace {

using console::Finding;
using Findings = std::vector<Finding>;

void look_at_networks(const config::Settings& settings, Findings& findings) {
    const auto all = net::interfaces();
    if (!all) return;
    for (const auto& where : net::forwarding())
        findings.push_back(
            {Finding::Severity::fault, "network", "network.forwarding",
             "系统开启了 IP 转发（" + where + "）：设备网与公安网之间不得互通。关闭：sysctl -w net.ipv4.ip_forward=0 并写入 /etc/sysctl.d/",
             "IP forwarding is on (" + where +
                 "): nothing may pass between the device network and the police network. Switch it off: sysctl -w "
                 "net.ipv4.ip_forward=0, and in /etc/sysctl.d/"});
    for (const auto& shared : net::shared_subnets(*all))
        findings.push_back(
            {Finding::Severity::fault, "network", "network.shared_subnet",
             "网卡 " + shared.one + " 与 " + shared.other + " 在同一网段 " + shared.subnet + "：改其中一个的地址",
             "interfaces " + shared.one + " and " + shared.other + " share the subnet " + shared.subnet + ": give one another address"});
    const auto look_at = [&](const std::string& key, const std::string& name) {
        if (name.empty()) return;
        const auto found = std::find_if(all->begin(), all->end(), [&](const auto& one) { return one.name == name; });
        if (found == all->end())
            findings.push_back({Finding::Severity::fault, "network", "network.no_interface", key + "：没有名为 " + name + " 的网卡",
                                key + ": there is no interface " + name});
        else if (!found->has_carrier)
            findings.push_back({Finding::Severity::fault, "network", "network.no_cable", "网卡 " + name + "（" + key + "）没有信号：检查网线和交换机",
                                "interface " + name + " (" + key + ") has no carrier: look at the cable and the switch"});
    };
    look_at("listeners.isapi.interface", settings.listeners.isapi.interface);
    look_at("listeners.uhppote.interface", settings.listeners.uhppote.interface);
    for (const auto& upstream : settings.upstreams) look_at("upstream " + upstream.name, upstream.interface);
}

} // namespace

std::vector<Finding> own_findings(const config::Settings& settings, const config::Secrets& secrets, const Clock& clock) {
    Findings findings;
    if (clock.quality() == ClockQuality::unsynced)
        findings.push_back({Finding::Severity::warning, "clock", "clock.unsynced", "本机时钟未与时间服务器同步：检查 chrony 或 systemd-timesyncd",
                            "this machine's clock is not synchronised: look at chrony or systemd-timesyncd"});
    look_at_networks(settings, findings);
    for (const auto& flaw : secrets.flaws)
        findings.push_back({Finding::Severity::fault, "settings", "settings.secret", config::to_text(flaw, config::Language::zh),
                            config::to_text(flaw, config::Language::en)});
    return findings;
}

} // namespace gatehouse::app
