// SPDX-License-Identifier: Apache-2.0
#include "config/settings.hpp"
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/port_holder.hpp"
#include "daemon/ctl/session.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/values.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

namespace gatehouse::ctl {

namespace {

/// What this program does not know is no reason to be calm.
int code_of(const std::string& severity) { return severity == "fine" ? 0 : severity == "warning" ? 1 : 2; }

int severity_of(const json::object& finding) { return code_of(text_at(finding, "severity").value_or("")); }

std::string part_of(const json::object& finding, bool zh) {
    auto part = cell(finding, "part");
    if (!zh) return part;
    for (const auto& [en, word] : {std::pair("device ", "设备 "), std::pair("upstream ", "平台 ")})
        if (part.starts_with(en)) return word + part.substr(std::string_view(en).size());
    for (const auto& [en, word] :
         {std::pair("clock", "时钟"), std::pair("disk", "磁盘"), std::pair("log", "日志"), std::pair("network", "网络"),
          std::pair("settings", "设置"), std::pair("devices", "设备"), std::pair("backup", "备份"), std::pair("permission", "权限"),
          std::pair("gateway", "网关"), std::pair("recordings", "录像"), std::pair("cameras", "相机"), std::pair("power", "供电")})
        if (part == en) return word;
    return part;
}

/// The sentence in the reader's language, else the other one. Whole: it says what to do.
std::string sentence_of(const json::object& finding, bool zh) {
    auto text = text_at(finding, zh ? "zh" : "en");
    if (!text) text = text_at(finding, zh ? "en" : "zh");
    return printable(text.value_or("-"));
}

void show(const Session& session, std::vector<const json::object*> findings) {
    std::stable_sort(findings.begin(), findings.end(),
                     [](const json::object* one, const json::object* other) { return severity_of(*one) > severity_of(*other); });
    std::size_t fine = 0;
    for (const auto* finding : findings) {
        if (severity_of(*finding) == 0) {
            ++fine;
            continue;
        }
        const auto word = word_for(severity_of(*finding) == 1 ? "warning" : "fault", session.zh());
        session.around.out << word << "  " << part_of(*finding, session.zh()) << session.say("：", ": ") << sentence_of(*finding, session.zh())
                           << "\n";
    }
    std::string names;
    for (const auto* finding : findings)
        if (severity_of(*finding) == 0) names += (names.empty() ? "" : session.say("、", ", ")) + part_of(*finding, session.zh());
    if (fine > 0) session.around.out << word_for("fine", session.zh()) << "  " << names << "\n";
}

std::string daily(const json::object& object, std::string_view key) { return std::to_string(count_at(object, key)); }

/// "1.2 Mbit/s"
std::string rate_text(std::uint64_t kbit_s) {
    if (kbit_s < 1000) return std::to_string(std::max<std::uint64_t>(kbit_s, 1)) + " kbit/s";
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.1f Mbit/s", static_cast<double>(kbit_s) / 1000);
    return text.data();
}

void show_planned_devices(const Session& session, const json::object& plan) {
    Table table({session.say("设备", "DEVICE"), session.say("驱动", "DRIVER"), session.say("型号", "MODEL"), session.say("条/天", "EVENTS A DAY"),
                 session.say("图片/天", "PICTURES A DAY"), session.say("每天", "A DAY"), session.say("依据", "BY")});
    for (const auto* device : objects_at(plan, "devices"))
        table.add({cell(*device, "id"), cell(*device, "driver"), cell(*device, "model"), daily(*device, "events_per_day"),
                   daily(*device, "pictures_per_day"), bytes_text(count_at(*device, "bytes_per_day")),
                   bool_at(*device, "measured").value_or(false) ? session.say("实测", "the log") : session.say("估计", "its kind")});
    session.around.out << table.text();
}

int show_plan(const Session& session) {
    const auto plan = session.ask("GET", "/api/v1/check/plan");
    if (!plan) return plan.error().code;
    const auto* disk = object_at(*plan, "disk");
    const auto is_enough = disk == nullptr ? std::nullopt : bool_at(*disk, "enough");
    if (!is_enough) return session.fail_foreign("disk.enough");
    const int code = *is_enough ? 0 : 1;
    if (session.words.json) {
        session.show(*plan);
        return code;
    }
    auto& out = session.around.out;
    show_planned_devices(session, *plan);
    const auto days = cell(*plan, "days");
    const auto size = [&](std::string_view key) { return bytes_text(count_at(*disk, key)); };
    out << "\n"
        << session.say("磁盘 " + days + " 天需要 ", "disk for " + days + " days: ") << size("needed_bytes")
        << session.say("（记录 " + size("records_bytes") + "，索引 " + size("index_bytes") + "，图片 " + size("pictures_bytes") + "，余量 " +
                           size("reserve_bytes") + "），",
                       " (records " + size("records_bytes") + ", index " + size("index_bytes") + ", pictures " + size("pictures_bytes") +
                           ", reserve " + size("reserve_bytes") + "), ")
        << session.say("可用 ", "there is ") << bytes_text(count_at(*disk, "free_bytes") + count_at(*disk, "used_bytes"))
        << (*is_enough ? session.say("：够用", ": enough") : session.say("：不够，请扩容或缩短保留期", ": too little, enlarge it or keep less"))
        << "\n";
    for (const auto* upstream : objects_at(*plan, "upstreams"))
        out << session.say("平台 ", "upstream ") << cell(*upstream, "name") << session.say(" 上行需要 ", " needs ")
            << rate_text(count_at(*upstream, "needed_kbit_s"))
            << session.say("（平均 " + rate_text(count_at(*upstream, "mean_kbit_s")) + "，最忙一小时 " +
                               rate_text(count_at(*upstream, "busy_hour_kbit_s")) + "，断网一天后补发 " +
                               rate_text(count_at(*upstream, "catch_up_kbit_s")) + "）",
                           " upward (on average " + rate_text(count_at(*upstream, "mean_kbit_s")) + ", in the busiest hour " +
                               rate_text(count_at(*upstream, "busy_hour_kbit_s")) + ", to make a day's outage good " +
                               rate_text(count_at(*upstream, "catch_up_kbit_s")) + ")")
            << "\n";
    for (const auto* assumption : objects_at(*plan, "assumptions")) out << "  * " << sentence_of(*assumption, session.zh()) << "\n";
    return code;
}

int show_storage(const Session& session) {
    const auto report = session.ask("POST", "/api/v1/check/storage");
    if (!report) return report.error().code;
    const auto severity = text_at(*report, "severity");
    if (!severity || !text_at(*report, "verdict")) return session.fail_foreign("severity, verdict");
    if (session.words.json) {
        session.show(*report);
        return code_of(*severity);
    }
    auto& out = session.around.out;
    out << cell(*report, "mount_point") << "  " << cell(*report, "file_system") << "  " << cell(*report, "source") << "\n";
    for (const auto* drive : objects_at(*report, "drives"))
        out << cell(*drive, "name") << "  " << cell(*drive, "model") << "  " << cell(*drive, "sort") << "  "
            << (bool_at(*drive, "rotational").value_or(false) ? session.say("机械", "rotating") : session.say("非机械", "not rotating")) << "  "
            << session.say("易失缓存：", "volatile cache: ")
            << (bool_at(*drive, "volatile_cache") ? (*bool_at(*drive, "volatile_cache") ? session.say("有", "yes") : session.say("无", "no")) : "-")
            << "\n";
    if (const auto* times = object_at(*report, "times"))
        out << session.say("刷盘 " + cell(*times, "count") + " 次，中位 " + cell(*times, "median_us") + " µs，最快 " + cell(*times, "fastest_us") +
                               " µs，最慢 " + cell(*times, "slowest_us") + " µs",
                           cell(*times, "count") + " flushes, median " + cell(*times, "median_us") + " µs, fastest " + cell(*times, "fastest_us") +
                               " µs, slowest " + cell(*times, "slowest_us") + " µs")
            << "\n";
    else
        out << session.say("无法测量：", "not measured: ") << cell(*report, "not_measured") << "\n";
    out << word_for(*severity, session.zh()) << "  " << sentence_of(*report, session.zh()) << "\n";
    return code_of(*severity);
}

json::object finding_of(std::string part, std::string code, std::string zh, std::string en) {
    return {{"severity", "fault"}, {"part", std::move(part)}, {"code", std::move(code)}, {"zh", std::move(zh)}, {"en", std::move(en)}};
}

void add_taken_port(json::array& findings, const config::Listener& listener, bool is_tcp, const std::string& setting) {
    if (listener.port == 0) return;
    const auto holder = port_holder(is_tcp, listener.address, static_cast<std::uint16_t>(listener.port));
    if (!holder) return;
    const auto port = std::to_string(listener.port) + (is_tcp ? "/TCP" : "/UDP");
    const auto pid = std::to_string(holder->pid);
    const std::string zh_who = holder->pid == 0 ? "另一程序（用 root 运行本命令可知是哪个）" : "程序 " + holder->program + "（进程号 " + pid + "）";
    const std::string en_who = holder->pid == 0 ? "another program (which one: run this as root)" : holder->program + " (process " + pid + ")";
    findings.push_back(finding_of("network", "network.port_taken",
                                  "端口 " + port + "（" + setting + ".port）已被" + zh_who + "占用，网关因此无法启动：停掉它，或在设置中换端口",
                                  "port " + port + " (" + setting + ".port) is held by " + en_who +
                                      ", which keeps the daemon from starting: stop it, or set another port"));
}

/// Without the daemon there is nothing to ask but its settings and this machine: flaws in them, and a port that another program holds, are
/// what most often keeps it from starting.
int check_stopped(const Session& session) {
    const auto file = session.words.has("config") ? session.words.option("config") : std::string("/etc/gatehouse/gatehouse.toml");
    json::array findings;
    findings.push_back(finding_of("gateway", "gateway.stopped", "网关没有运行：systemctl start gatehoused；看原因：journalctl -u gatehoused",
                                  "the daemon does not run: systemctl start gatehoused; why: journalctl -u gatehoused"));
    if (std::error_code failed; !std::filesystem::exists(file, failed) && !failed)
        findings.push_back(finding_of(
            "settings", "settings.flawed", "没有设置文件 " + file + "：用 gatehousectl settings --defaults 得到出厂文件，填写后再启动",
            "there is no settings file " + file + ": gatehousectl settings --defaults prints the one as shipped; fill it in, then start the daemon"));
    else {
        const auto outcome = config::read_settings(file);
        for (const auto& flaw : outcome.flaws)
            findings.push_back(finding_of("settings", "settings.flawed", config::to_text(flaw, config::Language::zh) + "。改正后再启动",
                                          config::to_text(flaw, config::Language::en) + "; correct it, then start the daemon"));
        if (outcome.settings) {
            add_taken_port(findings, outcome.settings->listeners.isapi, true, "listeners.isapi");
            add_taken_port(findings, outcome.settings->listeners.uhppote, false, "listeners.uhppote");
        }
    }
    const json::object answer{{"worst", "fault"}, {"findings", std::move(findings)}};
    if (session.words.json)
        session.show(answer);
    else
        show(session, objects_at(answer, "findings"));
    return code_of("fault");
}

} // namespace

int check(const Session& session) {
    const bool plans = session.words.has("plan"), measures = session.words.has("storage");
    if (plans && measures) return session.fail(exit_usage, "--plan 与 --storage 不能同时使用", "--plan and --storage do not go together");
    if (plans) return show_plan(session);
    if (measures) return show_storage(session);
    const auto answer = session.ask("GET", "/api/v1/check");
    if (!answer && answer.error().code == exit_unavailable && answer.error().status == 0) return check_stopped(session);
    if (!answer) return answer.error().code;
    const auto worst = text_at(*answer, "worst").value_or("");
    if (array_at(*answer, "findings") == nullptr || (worst != "fine" && worst != "warning" && worst != "fault"))
        return session.fail_foreign("worst, findings");
    if (session.words.json)
        session.show(*answer);
    else
        show(session, objects_at(*answer, "findings"));
    return code_of(worst);
}

} // namespace gatehouse::ctl
