// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/diagnosis.hpp"

#include "daemon/base/text.hpp"
#include "daemon/console/inside/causes.hpp"

#include <algorithm>

namespace gatehouse::console::inside {

namespace {

constexpr auto fine = Finding::Severity::fine;
constexpr auto warning = Finding::Severity::warning;
constexpr auto bad = Finding::Severity::fault;

std::string quoted(const std::string& fault) { return fault.empty() ? "" : " (" + fault + ")"; }

Finding of_cause(Finding::Severity severity, const std::string& part, const Cause& cause, const std::string& at, const std::string& fault) {
    const auto place = at.empty() ? "" : at + " ";
    return {severity, part, std::string(cause.code), place + std::string(cause.zh) + quoted(fault),
            (at.empty() ? "" : at + ": ") + std::string(cause.en) + quoted(fault)};
}

std::vector<Finding> online(const std::string& part, const drivers::DeviceStatus& status) {
    std::vector<Finding> findings;
    const auto add = [&](std::string code, std::string zh, std::string en) {
        findings.push_back({warning, part, std::move(code), std::move(zh), std::move(en)});
    };
    if (!status.fault.empty()) findings.push_back(of_cause(warning, part, device_complaint(status.fault), "", status.fault));
    const auto offset_ms = status.clock_offset_us.value_or(0) / 1000;
    if (offset_ms > clock_offset_ms_max || offset_ms < -clock_offset_ms_max) {
        const auto seconds = std::to_string(offset_ms / 1000);
        add("device.clock_skewed", "设备时钟偏差 " + seconds + " 秒：在设备上设置 NTP，或允许网关校时 (may_set_clock)",
            "its clock is " + seconds + " s off: set NTP on the device or let the gateway set it (may_set_clock)");
    }
    if (status.lost > 0) {
        const auto count = std::to_string(status.lost);
        add("device.events_lost", "有 " + count + " 条事件已从设备内存中丢失，日志中有 gap 记录：查看 gatehousectl coverage",
            count + " events were gone from the device's memory; gap records say which: see gatehousectl coverage");
    }
    if (status.malformed > 0) {
        const auto count = std::to_string(status.malformed);
        add("device.malformed", "收到 " + count + " 条无法理解的报文：核对设备型号和固件" + quoted(status.firmware),
            count + " messages could not be understood: check model and firmware" + quoted(status.firmware));
    }
    if (findings.empty()) findings.push_back({fine, part, "device.online", "在线", "online"});
    return findings;
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

std::vector<Finding> diagnose(const registry::Device& device, const drivers::DeviceStatus& status) {
    using State = drivers::DeviceStatus::State;
    const auto part = "device " + device.info.id;
    const auto at = net::to_text(device.info.address);
    if (status.state == State::online) return online(part, status);
    // Between two tries a device is connecting again; why the last one failed is what helps.
    if (status.state == State::connecting && status.fault.empty())
        return {{warning, part, "device.connecting", "正在连接 " + at + "：一分钟后再查", "connecting to " + at + ": look again in a minute"}};
    return {of_cause(bad, part, device_cause(status.fault), at, status.fault)};
}

std::vector<Finding> same_addresses(const std::map<std::string, registry::Device>& devices) {
    std::vector<Finding> findings;
    std::map<std::string, std::string> first_at;
    for (const auto& [id, device] : devices) {
        const auto at = net::to_text(device.info.address);
        const auto [there, is_first] = first_at.emplace(at, id);
        if (is_first) continue;
        const auto& other = there->second;
        findings.push_back({bad, "device " + id, "device.same_address",
                            "与设备 " + other + " 登记了同一地址 " + at + "：核对两台设备的地址，改正其中一个",
                            "is registered with the same address " + at + " as device " + other + ": check both, and correct one"});
    }
    return findings;
}

std::vector<Finding> diagnose(const sync::UpstreamStatus& status, Time now) {
    using State = sync::UpstreamStatus::State;
    std::vector<Finding> findings;
    const auto part = "upstream " + status.name;
    const auto add = [&](Finding::Severity severity, std::string code, std::string zh, std::string en) {
        findings.push_back({severity, part, std::move(code), std::move(zh), std::move(en)});
    };
    const auto add_cause = [&](Finding::Severity severity, const Cause& cause) {
        findings.push_back(of_cause(severity, part, cause, "", status.fault));
    };
    if (status.state == State::online && !status.fault.empty()) add_cause(bad, upstream_complaint(status.fault));
    if (status.state != State::online && status.state != State::conflict && status.is_refused)
        add_cause(bad, upstream_refusal(status.fault));
    else if (status.state == State::offline)
        add_cause(bad, upstream_cause(status.fault));
    else if (status.state == State::connecting)
        add(warning, "upstream.connecting", "正在连接" + quoted(status.fault) + "：一分钟后再查",
            "connecting" + quoted(status.fault) + ": look again in a minute");
    if (!status.keeps_retained)
        add(bad, "upstream.no_retain", "平台的 MQTT 服务器不保存保留消息，平台看不到本网关是否在线：请平台方启用 retain",
            "the platform's broker keeps no retained messages, so that nobody sees whether this gateway is online: ask for retain");
    if (status.packet_bytes_max > 0 && status.packet_bytes_max < packet_bytes_low) {
        const auto bytes = std::to_string(status.packet_bytes_max);
        add(warning, "upstream.small_packets",
            "平台的 MQTT 服务器只收 " + bytes + " 字节以内的消息，较大的图片和记录发不出去：请平台方调大 Maximum Packet Size",
            "the platform's broker takes messages of " + bytes +
                " bytes at most, larger pictures and records cannot go: ask for a larger Maximum Packet Size");
    }
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
                "通道 " + name + " 收到 " + std::to_string(lane.receipts_refused) +
                    " 个不可信的回执（超出已发送范围或格式有误）：请平台方检查其接收程序",
                "lane " + name + ": " + std::to_string(lane.receipts_refused) +
                    " receipts could not be believed (beyond what was sent, or malformed): ask the platform to look at its receiver");
        if (lane.refused > 0)
            add(warning, "upstream.dead_letters",
                "通道 " + name + " 被平台拒收 " + std::to_string(lane.refused) + " 条：见 gatehousectl upstream dead " + status.name,
                "lane " + name + ": the platform refused " + std::to_string(lane.refused) + " records: see gatehousectl upstream dead " +
                    status.name);
    }
    for (const auto& one : status.warnings) add(warning, "upstream." + one.code, one.zh, one.en);
    if (findings.empty()) add(fine, "upstream.online", "在线", "online");
    return findings;
}

std::vector<Finding> diagnose(const store::StoreStatus& status, const std::optional<store::RetentionReport>& retention) {
    std::vector<Finding> findings;
    const auto add = [&](Finding::Severity severity, std::string code, std::string zh, std::string en) {
        auto part = code.substr(0, code.find('.'));
        findings.push_back({severity, std::move(part), std::move(code), std::move(zh), std::move(en)});
    };
    if (status.disk != store::DiskState::sound)
        add(bad, "disk.failed", "磁盘写入失败，新记录暂不确认：检查磁盘、空间和文件系统" + quoted(status.fault),
            "writing to the disk fails, nothing new is acknowledged: check disk, space and file system" + quoted(status.fault));
    if (retention && retention->hours_left && *retention->hours_left < disk_hours_low) {
        const auto hours = std::to_string(*retention->hours_left);
        add(*retention->hours_left < disk_hours_min ? bad : warning, "disk.filling", "磁盘还能存 " + hours + " 小时：扩容或缩短保留期",
            "the disk holds " + hours + " more hours: enlarge it or keep less");
    }
    if (retention && retention->is_clock_in_doubt)
        add(warning, "clock.doubt", "本机时钟刚有大幅变动，一天内不按时间删除记录：核对时间，改正后无需处理",
            "this machine's clock was set by a lot just now, so nothing is deleted by its time for a day: look whether it is right now");
    if (retention && retention->floor_breaks_at)
        add(warning, "disk.floor", "磁盘不够存满最短保留期，将于 " + to_text(*retention->floor_breaks_at) + " 跌破：扩容",
            "the disk cannot hold the shortest retention; it breaks at " + to_text(*retention->floor_breaks_at) + ": enlarge it");
    if (retention) {
        for (const auto& [reader, count] : retention->near_ceiling)
            add(warning, "log.near_ceiling",
                reader + " 有 " + std::to_string(count) + " 条未获回执的记录将在 7 天内到期删除：尽快恢复该平台的接收，或延长保留期",
                reader + ": " + std::to_string(count) +
                    " records without a receipt reach the end of their retention within 7 days: have the platform receive again, or keep more");
    }
    for (const auto& name : status.logs_aside)
        add(bad, "log.set_aside", "日志头部曾损坏，旧库已另存为数据目录中的 " + name + "，已用新纪元继续：检查磁盘；其中含个人信息，取证后删除",
            "the log's head was damaged; the old file stands in the data directory as " + name +
                ", and a new epoch goes on: look at the disk; it holds personal data: delete it when nobody needs it any more");
    if (status.damaged > 0)
        add(bad, "log.damaged",
            "日志中有 " + std::to_string(status.damaged) + " 条记录在磁盘上已损坏（自位置 " + std::to_string(status.first_damaged) +
                " 起），已隔离并写入缺口记录：检查磁盘，另存数据目录，再从备份恢复",
            std::to_string(status.damaged) + " records of the log are damaged on the disk (from position " + std::to_string(status.first_damaged) +
                " on); they were set aside and gap records name them: look at the disk, set a copy of the data directory aside, then restore a "
                "backup");
    if (status.conflicts > 0)
        add(warning, "log.conflicts",
            "有 " + std::to_string(status.conflicts) + " 条设备事件编号相同而内容不同：设备可能被重置，核对其时钟和事件编号",
            std::to_string(status.conflicts) +
                " device events had a known number with another content: a device may have been reset, look at its clock and log");
    if (status.refused > 0)
        add(warning, "log.refused", "有 " + std::to_string(status.refused) + " 条记录不合规被拒：journalctl -u gatehoused 有原因，请联系供应商",
            std::to_string(status.refused) + " records were refused by their schema: journalctl -u gatehoused says why; tell the maker");
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

std::vector<Finding> diagnose_backup(std::optional<Time> last, std::optional<Time> oldest, Time now) {
    if (!last && oldest && now - *oldest > backup_age_max)
        return {{warning, "backup", "backup.none", "日志从未备份：gatehousectl backup，或启用 gatehouse-backup.timer",
                 "the log was never backed up: gatehousectl backup, or switch gatehouse-backup.timer on"}};
    if (!last || now - *last <= backup_age_max) return {};
    const auto days = std::to_string(std::chrono::floor<std::chrono::days>(now - *last).count());
    return {{warning, "backup", "backup.old", "最近一次备份已是 " + days + " 天前：检查 gatehouse-backup.timer 和备份盘",
             "the last backup is " + days + " days old: look at gatehouse-backup.timer and the disk that it writes to"}};
}

Task<std::vector<Finding>> check_all(Parts& parts) {
    auto findings = co_await parts.own_findings();
    auto report = co_await parts.admin.retention_report();
    std::optional<store::RetentionReport> retention;
    if (report) retention = std::move(*report);
    const auto take = [&findings](std::vector<Finding> more) { std::move(more.begin(), more.end(), std::back_inserter(findings)); };
    take(diagnose(parts.store.status(), retention));
    if (parts.recordings != nullptr) {
        auto recorded = co_await parts.recordings->status();
        if (recorded) take(diagnose(*recorded));
    }
    std::string key(backup_note);
    const auto noted = co_await parts.store.note(std::move(key));
    if (noted) {
        const auto last = parse_time(*noted);
        take(diagnose_backup(last ? std::optional(*last) : std::nullopt, retention ? retention->oldest : std::nullopt, parts.clock.now()));
    }
    const auto statuses = parts.device_statuses();
    for (const auto& [id, device] : parts.registry.devices()) {
        const auto found = statuses.find(id);
        take(diagnose(device, found == statuses.end() ? drivers::DeviceStatus() : found->second));
    }
    take(same_addresses(parts.registry.devices()));
    if (parts.registry.devices().empty())
        findings.push_back(
            {warning, "devices", "devices.none", "还没有登记设备：gatehousectl device add", "no device is registered: gatehousectl device add"});
    for (const auto* upstream : parts.upstreams()) take(diagnose(upstream->status(), parts.clock.now()));
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& one, const Finding& other) { return one.severity > other.severity; });
    co_return findings;
}

} // namespace gatehouse::console::inside
