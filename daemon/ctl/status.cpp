// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/figures.hpp"
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/table.hpp"

namespace gatehouse::ctl {

namespace {

constexpr std::int64_t seconds_an_hour = 3600;

void line(const Session& session, const std::string& zh, const std::string& en, const std::string& text) {
    auto heading = session.say(zh, en);
    heading.append(10 - std::min<std::size_t>(width_of(heading), 9), ' ');
    session.around.out << heading << text << "\n";
}

void show_headline(const Session& session, const json::object& status) {
    line(session, "网关", "gateway",
         cell(status, "gateway") + "  " + session.say("小区 ", "compound ") + cell(status, "compound") + "  " + session.say("版本 ", "version ") +
             cell(status, "version"));
    const auto uptime = number_at(status, "uptime_s");
    line(session, "启动于", "since", local_at(status, "started_at") + (uptime ? "  (" + length_text(*uptime, session.zh()) + ")" : ""));
    line(session, "时钟", "clock", local_at(status, "at") + "  " + word_at(status, "clock", session.zh()));
}

void show_log(const Session& session, const json::object& status) {
    const auto* log = object_at(status, "log");
    auto text = session.say("末位 ", "head ") + cell(status, "head") + "  " + session.say("纪元 ", "epoch ") + cell(status, "epoch");
    if (log != nullptr) {
        text += "  " + session.say("记录 ", "records ") + cell(*log, "records");
        if (const auto waiting = count_at(*log, "waiting_records"); waiting > 0)
            text += "  " + session.say("待落盘 ", "waiting for the disk ") + std::to_string(waiting);
    }
    line(session, "日志", "log", text);
}

void show_disk(const Session& session, const json::object& disk) {
    auto text = word_at(disk, "state", session.zh()) + "  " + session.say("数据库 ", "database ") + bytes_text(count_at(disk, "database_bytes")) +
                "  " + session.say("剩余 ", "free ") + bytes_text(count_at(disk, "free_bytes"));
    if (const auto hours = number_at(disk, "hours_left")) {
        text += "  " + session.say("还能存 ", "holds ") + std::to_string(*hours) + session.say(" 小时", " more hours");
        // More than a century of hours says that nothing comes in.
        if (*hours >= 48 && *hours < 1'000'000) text += " (" + length_text(*hours * seconds_an_hour, session.zh()) + ")";
    } else {
        text += "  " + session.say("还能存多久：尚无足够数据", "how long it holds is not known yet");
    }
    line(session, "磁盘", "disk", text);
    if (const auto fault = cell(disk, "fault"); fault != "-") line(session, "", "", fault);
    if (time_at(disk, "floor_breaks_at"))
        line(session, "", "",
             session.say("存不满最短保留期，将于 " + local_at(disk, "floor_breaks_at") + " 跌破：扩容",
                         "too small for the shortest retention, which breaks at " + local_at(disk, "floor_breaks_at") + ": enlarge it"));
}

} // namespace

int show_status(const Session& session) {
    const auto answer = session.ask("GET", "/api/v1/status");
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto now = time_at(*answer, "at").value_or(session.around.now());
    show_headline(session, *answer);
    show_log(session, *answer);
    if (const auto* disk = object_at(*answer, "disk")) show_disk(session, *disk);
    session.around.out << "\n";
    show_devices(session, *answer, now);
    session.around.out << "\n";
    show_lanes(session, *answer, now);
    return exit_ok;
}

} // namespace gatehouse::ctl
