// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/diagnosis.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::console::inside {

namespace {

constexpr auto fine = Finding::Severity::fine;
constexpr auto warning = Finding::Severity::warning;
constexpr auto bad = Finding::Severity::fault;

/// What the words of a fault usually mean on site. The first row that fits counts.
struct Hint {
    std::string_view words; ///< stands in the fault, any case
    std::string_view zh, en;
};
constexpr std::array hints{
    Hint{"certificate", "设备证书与登记的指纹不符：若刚更换或重置设备，请核对后更新 pinned_sha256",
         "the device's certificate is not the pinned one: if it was replaced or reset, check it and update pinned_sha256"},
    Hint{"connection refused", "地址有应答但端口关闭：核对端口，并在设备上启用该服务",
         "the address answers but the port is closed: check the port and that the service is switched on"},
    Hint{"no such interface", "本机没有该网卡：核对设备登记的 interface", "this machine has no such network interface: check the device's interface"},
    Hint{"interface", "核对设备登记的网卡名及网线", "check the registered interface's name and its cable"},
    Hint{"no route", "没有到该网段的路由：核对网卡地址和设备网段", "no route to that network: check this machine's address there"},
    Hint{"name", "域名解析失败：改用 IP 地址，或检查 DNS", "the name could not be looked up: use the IP address or check DNS"},
    Hint{"", "检查设备电源、网线、交换机端口，以及 IP 地址是否改变", "check power, network cable, switch port, and whether its IP address changed"},
};

const Hint& hint_for(const std::string& fault) {
    const auto words = lower(fault);
    return *std::find_if(hints.begin(), hints.end(), [&](const Hint& hint) { return words.find(hint.words) != std::string::npos; });
}

std::string quoted(const std::string& fault) { return fault.empty() ? "" : " (" + fault + ")"; }

Finding offline(const std::string& part, const std::string& at, const std::string& fault) {
    const auto& hint = hint_for(fault);
    return {bad, part, "device.offline", "连不上 " + at + "：" + std::string(hint.zh) + quoted(fault),
            "no contact with " + at + ": " + std::string(hint.en) + quoted(fault)};
}

Finding online(const std::string& part, const drivers::DeviceStatus& status) {
    const auto offset_ms = status.clock_offset_us.value_or(0) / 1000;
    if (offset_ms > clock_offset_ms_max || offset_ms < -clock_offset_ms_max) {
        const auto seconds = std::to_string(offset_ms / 1000);
        return {warning, part, "device.clock_skewed", "设备时钟偏差 " + seconds + " 秒：在设备上设置 NTP，或允许网关校时 (may_set_clock)",
                "its clock is " + seconds + " s off: set NTP on the device or let the gateway set it (may_set_clock)"};
    }
    if (status.lost > 0) {
        const auto count = std::to_string(status.lost);
        return {warning, part, "device.events_lost", "有 " + count + " 条事件已从设备内存中丢失，日志中有 gap 记录：查看 gatehousectl coverage",
                count + " events were gone from the device's memory; gap records say which: see gatehousectl coverage"};
    }
    if (status.malformed > 0) {
        const auto count = std::to_string(status.malformed);
        return {warning, part, "device.malformed", "收到 " + count + " 条无法理解的报文：核对设备型号和固件" + quoted(status.firmware),
                count + " messages could not be understood: check model and firmware" + quoted(status.firmware)};
    }
    return {fine, part, "device.online", "在线", "online"};
}

} // namespace

std::string_view name_of(Finding::Severity severity) {
    switch (severity) {
    case Finding::Severity::fine: return "fine";
    case Finding::Severity::warning: return "warning";
    case Finding::Severity::fault: return "fault";
    }
    return "fault";
}

json::object to_json(const Finding& finding) {
    return {{"severity", name_of(finding.severity)}, {"part", finding.part}, {"code", finding.code}, {"zh", finding.zh}, {"en", finding.en}};
}

Finding diagnose(const registry::Device& device, const drivers::DeviceStatus& status) {
    using State = drivers::DeviceStatus::State;
    const auto part = "device " + device.info.id;
    const auto at = net::to_text(device.info.address);
    switch (status.state) {
    case State::online: return online(part, status);
    case State::offline: return offline(part, at, status.fault);
    case State::refused:
        return {bad, part, "device.refused", at + " 拒绝了用户名或密码：核对登记的账号；多次错误会锁定设备" + quoted(status.fault),
                at + " refused user name or password: check the registered account; further tries may lock the device" + quoted(status.fault)};
    case State::connecting:
        return {warning, part, "device.connecting", "正在连接 " + at + quoted(status.fault), "connecting to " + at + quoted(status.fault)};
    }
    return {fine, part, "device.online", "在线", "online"};
}

std::vector<Finding> diagnose(const sync::UpstreamStatus& status, Time now) {
    using State = sync::UpstreamStatus::State;
    std::vector<Finding> findings;
    const auto part = "upstream " + status.name;
    const auto add = [&](Finding::Severity severity, std::string code, std::string zh, std::string en) {
        findings.push_back({severity, part, std::move(code), std::move(zh), std::move(en)});
    };
    if (status.state != State::online && status.state != State::conflict && status.is_refused)
        add(bad, "upstream.refused", "平台拒绝连接：核对证书（有效期、签发机构、名称）、用户名和密码" + quoted(status.fault),
            "the platform turns us away: check certificate (validity, authority, name), user name and password" + quoted(status.fault));
    else if (status.state == State::offline)
        add(bad, "upstream.offline", "连不上平台：检查网线、专网和平台地址" + quoted(status.fault),
            "no contact: check cable, network and the platform's address" + quoted(status.fault));
    else if (status.state == State::connecting)
        add(warning, "upstream.connecting", "正在连接" + quoted(status.fault), "connecting" + quoted(status.fault));
    if (status.state == State::conflict)
        add(bad, "upstream.conflict", "另一台网关在用同一身份，已停止上报：停掉那一台，或执行 gatehousectl identity renew" + quoted(status.fault),
            "another gateway uses the same identity, reporting has stopped: stop that one, or run gatehousectl identity renew" +
                quoted(status.fault));
    for (const auto& lane : status.lanes) {
        const std::string name(gatehouse::name_of(lane.lane));
        const auto waiting = std::to_string(lane.waiting);
        if (status.state == State::online && lane.oldest && now - *lane.oldest > receipts_wait_max)
            add(warning, "upstream.receipts_missing", "通道 " + name + " 有 " + waiting + " 条记录等待回执超过 10 分钟：请平台方检查其接收程序",
                "lane " + name + ": " + waiting + " records have waited for a receipt for over 10 minutes: ask the platform to look at its receiver");
        if (lane.receipts_refused > 0)
            add(warning, "upstream.receipts_refused",
                "通道 " + name + " 收到 " + std::to_string(lane.receipts_refused) + " 个不可信的回执（超出已发送范围或格式有误）",
                "lane " + name + ": " + std::to_string(lane.receipts_refused) +
                    " receipts could not be believed (beyond what was sent, or malformed)");
        if (lane.refused > 0)
            add(warning, "upstream.dead_letters",
                "通道 " + name + " 被平台拒收 " + std::to_string(lane.refused) + " 条：见 gatehousectl upstream dead " + status.name,
                "lane " + name + ": the platform refused " + std::to_string(lane.refused) + " records: see gatehousectl upstream dead " +
                    status.name);
    }
    for (const auto& text : status.warnings) add(warning, "upstream.entitlement", text, text);
    if (findings.empty()) add(fine, "upstream.online", "在线", "online");
    return findings;
}

std::vector<Finding> diagnose(const store::StoreStatus& status, const std::optional<store::RetentionReport>& retention) {
    std::vector<Finding> findings;
    const auto add = [&](Finding::Severity severity, std::string code, std::string zh, std::string en) {
        const std::string part = code.starts_with("log") ? "log" : "disk";
        findings.push_back({severity, part, std::move(code), std::move(zh), std::move(en)});
    };
    if (status.disk != store::DiskState::sound)
        add(bad, "disk.failed", "磁盘写入失败，新记录暂不确认：检查磁盘、空间和文件系统" + quoted(status.fault),
            "writing to the disk fails, nothing new is acknowledged: check disk, space and file system" + quoted(status.fault));
    if (retention && retention->hours_left && *retention->hours_left < disk_hours_low) {
        const auto hours = std::to_string(*retention->hours_left);
        add(*retention->hours_left < disk_hours_min ? bad : warning, "disk.filling", "磁盘还能存 " + hours + " 小时：扩容或缩短保留期",
            "the disk holds " + hours + " more hours: enlarge it or keep less");
    }
    if (retention && retention->floor_breaks_at)
        add(warning, "disk.floor", "磁盘不够存满最短保留期，将于 " + to_text(*retention->floor_breaks_at) + " 跌破",
            "the disk cannot hold the shortest retention; it breaks at " + to_text(*retention->floor_breaks_at));
    if (retention) {
        for (const auto& [reader, count] : retention->near_ceiling)
            add(warning, "log.near_ceiling", reader + " 有 " + std::to_string(count) + " 条未获回执的记录将在 7 天内到期删除",
                reader + ": " + std::to_string(count) + " records without a receipt reach the end of their retention within 7 days");
    }
    if (status.conflicts > 0)
        add(warning, "log.conflicts", "有 " + std::to_string(status.conflicts) + " 条设备事件编号相同而内容不同：设备可能被重置",
            std::to_string(status.conflicts) + " device events had a known number with another content: a device may have been reset");
    if (status.refused > 0)
        add(warning, "log.refused", "有 " + std::to_string(status.refused) + " 条记录不合规被拒",
            std::to_string(status.refused) + " records were refused by their schema");
    if (findings.empty()) add(fine, "disk.sound", "正常", "sound");
    return findings;
}

std::vector<Finding> diagnose(const store::RecordingStatus& status) {
    std::vector<Finding> findings;
    const auto add = [&](Finding::Severity severity, std::string code, std::string zh, std::string en) {
        findings.push_back({severity, "recordings", std::move(code), std::move(zh), std::move(en)});
    };
    const auto& seen = status.forecast;
    const auto day_of = [](Time time) { return to_text(time).substr(0, 10); };
    if (!status.fault.empty())
        add(bad, "recordings.failed", "录像索引无法写入：检查录像盘是否挂载、是否损坏" + quoted(status.fault),
            "the recordings' index cannot be written: is their disk mounted and sound" + quoted(status.fault));
    if (status.is_full)
        add(bad, "recordings.full", "录像盘已满，剩下的录像都被锁定：解除锁定或扩容",
            "the recordings' disk is full and all that is left is locked: unlock or enlarge");
    if (seen.floor_breaks_at) {
        std::string cameras;
        for (const auto& one : seen.floors_broken) cameras += " " + one;
        const auto days = std::to_string(seen.days_possible.value_or(0));
        add(*seen.floor_breaks_at - Duration(std::chrono::hours(24) * 7) < status.as_of ? bad : warning, "recordings.floor",
            "录像盘只够存 " + days + " 天，将于 " + day_of(*seen.floor_breaks_at) + " 跌破最短保存期：扩容或降低码率；相机：" + cameras,
            "the recordings' disk holds " + days + " days; what must be kept no longer fits from " + day_of(*seen.floor_breaks_at) +
                " on: enlarge it or lower the bit rate; cameras:" + cameras);
    } else if (seen.fills_at) {
        add(fine, "recordings.filling", "录像盘将于 " + day_of(*seen.fills_at) + " 写满，此后覆盖最旧的录像",
            "the recordings' disk fills on " + day_of(*seen.fills_at) + "; from then on the oldest is overwritten");
    }
    if (findings.empty()) add(fine, "recordings.sound", "正常", "sound");
    return findings;
}

Task<std::vector<Finding>> check_all(Parts& parts) {
    auto findings = parts.own_findings();
    auto report = co_await parts.admin.retention_report();
    std::optional<store::RetentionReport> retention;
    if (report) retention = std::move(*report);
    const auto take = [&findings](std::vector<Finding> more) { std::move(more.begin(), more.end(), std::back_inserter(findings)); };
    take(diagnose(parts.store.status(), retention));
    if (parts.recordings != nullptr) {
        auto recorded = co_await parts.recordings->status();
        if (recorded) take(diagnose(*recorded));
    }
    const auto statuses = parts.device_statuses();
    for (const auto& [id, device] : parts.registry.devices()) {
        const auto found = statuses.find(id);
        findings.push_back(diagnose(device, found == statuses.end() ? drivers::DeviceStatus() : found->second));
    }
    if (parts.registry.devices().empty())
        findings.push_back(
            {warning, "devices", "devices.none", "还没有登记设备：gatehousectl device add", "no device is registered: gatehousectl device add"});
    for (const auto* upstream : parts.upstreams()) take(diagnose(upstream->status(), parts.clock.now()));
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& one, const Finding& other) { return one.severity > other.severity; });
    co_return findings;
}

} // namespace gatehouse::console::inside
