// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/findings.hpp"

#include "daemon/net/certificate.hpp"
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

// Renewing takes an office days: 30 to begin with, a fault in the last week.
constexpr auto certificate_soon = std::chrono::days(30), certificate_urgent = std::chrono::days(7);

Finding of_certificate(const std::string& part, const std::string& file, const net::Certificate& certificate, Time now) {
    const auto whose = file + (certificate.name.empty() ? "" : " (" + certificate.name + ")");
    const auto until = to_text(certificate.until).substr(0, 10), from = to_text(certificate.from).substr(0, 10);
    if (now >= certificate.until)
        return {Finding::Severity::fault, part, "certificate.expired",
                "证书 " + whose + " 已于 " + until + " 到期：向平台方申领新证书，覆盖该文件即可，无需重启",
                "certificate " + whose + " expired on " + until +
                    ": get a new one from the platform and put it in this file's place, no restart is needed"};
    if (now < certificate.from)
        return {Finding::Severity::fault, part, "certificate.not_yet_valid",
                "证书 " + whose + " 自 " + from + " 起才有效：核对本机时钟，或向平台方查询",
                "certificate " + whose + " is not valid before " + from + ": look at this machine's clock, or ask the platform"};
    const auto left = std::chrono::floor<std::chrono::days>(certificate.until - now);
    if (left >= certificate_soon)
        return {Finding::Severity::fine, part, "certificate.valid", "证书有效期至 " + until, "certificate valid until " + until};
    const auto days = std::to_string(left.count());
    return {left < certificate_urgent ? Finding::Severity::fault : Finding::Severity::warning, part, "certificate.expires",
            "证书 " + whose + " 还有 " + days + " 天到期（" + until + "）：请向平台方申领新证书",
            "certificate " + whose + " expires in " + days + " days (" + until + "): get a new one from the platform"};
}

Finding of_unread(const std::string& part, const std::string& file, Fault why) {
    if (why == Fault::gone)
        return {Finding::Severity::fault, part, "certificate.unreadable", "证书文件 " + file + " 不存在或 gatehouse 用户无权读取：核对路径和权限",
                "certificate file " + file + " is not there, or the user gatehouse may not read it: look at its path and mode"};
    return {Finding::Severity::fault, part, "certificate.unreadable", "文件 " + file + " 不是 PEM 格式的证书：向平台方索取 PEM 格式的文件",
            "file " + file + " is no certificate in PEM: ask the platform for one in PEM"};
}

Finding of_key(const std::string& part, const config::Upstream& upstream, Fault why) {
    const auto& key = upstream.key_file;
    const auto& certificate = upstream.certificate_file;
    if (why == Fault::refused)
        return {Finding::Severity::fault, part, "certificate.key", "私钥 " + key + " 与证书 " + certificate + " 不匹配：放入与该证书成对的私钥",
                "private key " + key + " is not the key of certificate " + certificate + ": put the key in that belongs to it"};
    if (why == Fault::gone)
        return {Finding::Severity::fault, part, "certificate.key", "私钥文件 " + key + " 不存在或 gatehouse 用户无权读取：核对路径和权限",
                "private key file " + key + " is not there, or the user gatehouse may not read it: look at its path and mode"};
    return {Finding::Severity::fault, part, "certificate.key", "文件 " + key + " 不是 PEM 格式的私钥，或设有口令：换成无口令的 PEM 私钥",
            "file " + key + " is no private key in PEM, or has a passphrase: put one in without"};
}

} // namespace

std::vector<Finding> certificate_findings(const config::Settings& settings, Time now) {
    Findings findings;
    for (const auto& upstream : settings.upstreams) {
        const auto part = "upstream " + upstream.name;
        for (const auto& file : {upstream.ca_file, upstream.certificate_file}) {
            if (file.empty()) continue;
            const auto certificate = net::read_certificate(file);
            if (certificate)
                findings.push_back(of_certificate(part, file, *certificate, now));
            else
                findings.push_back(of_unread(part, file, certificate.error().fault()));
        }
        // Without a certificate that can be read there is nothing to hold the key against; that is said already.
        if (upstream.key_file.empty() || !net::read_certificate(upstream.certificate_file)) continue;
        if (const auto fits = net::check_key(upstream.certificate_file, upstream.key_file); !fits)
            findings.push_back(of_key(part, upstream, fits.error().fault()));
    }
    return findings;
}

std::vector<Finding> own_findings(const config::Settings& settings, const config::Secrets& secrets, const Clock& clock) {
    Findings findings;
    if (clock.quality() == ClockQuality::unsynced)
        findings.push_back({Finding::Severity::warning, "clock", "clock.unsynced", "本机时钟未与时间服务器同步：检查 chrony 或 systemd-timesyncd",
                            "this machine's clock is not synchronised: look at chrony or systemd-timesyncd"});
    look_at_networks(settings, findings);
    for (auto& finding : certificate_findings(settings, clock.now()))
        if (finding.severity != Finding::Severity::fine) findings.push_back(std::move(finding));
    for (const auto& flaw : secrets.flaws)
        findings.push_back({Finding::Severity::fault, "settings", "settings.secret", config::to_text(flaw, config::Language::zh),
                            config::to_text(flaw, config::Language::en)});
    return findings;
}

} // namespace gatehouse::app
