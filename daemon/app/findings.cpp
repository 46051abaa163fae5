// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/findings.hpp"

#include "daemon/net/certificate.hpp"
#include "daemon/store/site_keys.hpp"

#include <unistd.h>

namespace gatehouse::app {

namespace {

using console::Finding;

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

SettingsState settings_state(const Machine& machine) {
    SettingsState state;
    state.file = machine.settings_file;
    state.import_file = machine.settings.devices.import_file;
    state.import_failed = machine.import_failed;
    auto read = config::read_settings(machine.settings_file);
    state.flaws = std::move(read.flaws);
    const auto printed = [](const config::Settings& settings) { return config::print_settings(settings, config::Language::en); };
    state.is_changed = read.settings && printed(*read.settings) != printed(machine.settings);
    state.needs_restart = needs_restart(machine.begun, machine.settings);
    return state;
}

} // namespace

Findings certificate_findings(const config::Settings& settings, Time now) {
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

std::optional<Finding> power_finding(const std::string& ups, bool is_heard) {
    if (ups.empty() || is_heard) return std::nullopt;
    return Finding{
        Finding::Severity::warning, "power", "power.no_ups",
        "power.ups = " + ups + "：没有收到该 UPS 的消息，停电不会被识别，电池将尽时也不会停机：用 device add --driver nut 登记，或检查 upsd",
        "power.ups = " + ups +
            ": nothing is heard of this UPS, so an outage is not known, and low battery stops nothing: register it (device add --driver nut) "
            "or look at upsd"};
}

Findings own_findings(const Machine& machine, const Clock& clock) {
    Findings findings;
    const auto take = [&](Findings more) { std::move(more.begin(), more.end(), std::back_inserter(findings)); };
    if (clock.quality() == ClockQuality::unsynced)
        findings.push_back({Finding::Severity::warning, "clock", "clock.unsynced", "本机时钟未与时间服务器同步：检查 chrony 或 systemd-timesyncd",
                            "this machine's clock is not synchronised: look at chrony or systemd-timesyncd"});
    if (auto interfaces = net::interfaces())
        take(network_findings(machine.settings, Networks{std::move(*interfaces), net::forwarding(), machine.device_interfaces}));
    const auto& directory = machine.settings.store.directory;
    if (const auto medium = store::medium_of(directory)) take(medium_findings(*medium));
    std::vector<store::Rights> folders, secrets;
    if (const auto rights = store::rights_of(directory)) folders.push_back(*rights);
    if (const auto rights = store::rights_of(store::site_keys_file(directory))) secrets.push_back(*rights);
    take(rights_findings(folders, secrets, ::geteuid()));
    take(settings_findings(settings_state(machine)));
    for (auto& finding : certificate_findings(machine.settings, clock.now()))
        if (finding.severity != Finding::Severity::fine) findings.push_back(std::move(finding));
    for (const auto& flaw : config::read_secrets(machine.settings, machine.secret_places).flaws)
        findings.push_back(
            {Finding::Severity::fault, "settings", "settings.secret",
             config::to_text(flaw, config::Language::zh) + "。凭据须为 0600 权限的文件（chmod 600），改正后 systemctl reload gatehoused",
             config::to_text(flaw, config::Language::en) +
                 "; a secret is a file of mode 0600 (chmod 600): correct it, then systemctl reload gatehoused"});
    return findings;
}

} // namespace gatehouse::app
