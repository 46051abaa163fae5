// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/figures.hpp"

#include "daemon/ctl/table.hpp"

#include <array>
#include <cstdio>

namespace gatehouse::ctl {

namespace {

constexpr double drain_s_max = 1e9; // 30 years

std::string offset_text(const json::object& figures) {
    const auto offset_ms = number_at(figures, "clock_offset_ms");
    if (!offset_ms) return "-";
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%+.1f s", static_cast<double>(*offset_ms) / 1000);
    return text.data();
}

std::string rate_text(double per_s) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), per_s < 1e6 ? "%.1f" : "%.3g", per_s);
    return text.data();
}

/// How long the lane needs for what waits, at its present rate.
std::string drain_text(const Session& session, std::uint64_t waiting, double per_s) {
    if (waiting == 0) return "-";
    if (!(per_s > 0) || static_cast<double>(waiting) / per_s > drain_s_max) return session.say("停滞", "stalled");
    return length_text(static_cast<std::int64_t>(static_cast<double>(waiting) / per_s) + 1, session.zh());
}

void add_lane(const Session& session, Table& table, const json::object& upstream, const json::object& lane, Time now) {
    const auto waiting = count_at(lane, "waiting");
    const auto per_s = real_at(lane, "per_s").value_or(0);
    table.add({cell(upstream, "name"), word_at(upstream, "state", session.zh()), word_at(lane, "lane", session.zh()), std::to_string(waiting),
               age_at(lane, "oldest", now, session.zh()), rate_text(per_s), drain_text(session, waiting, per_s), cell(lane, "receipted"),
               cell(lane, "resent"), cell(lane, "refused")});
}

void show_complaints(const Session& session, const json::object& upstream) {
    const auto name = cell(upstream, "name");
    if (const auto fault = cell(upstream, "fault"); fault != "-") session.around.out << name << session.say("：", ": ") << fault << "\n";
    for (const auto* warning : objects_at(upstream, "warnings"))
        session.around.out << name << session.say("：", ": ") << cell(*warning, session.zh() ? "zh" : "en") << "\n";
}

} // namespace

void show_devices(const Session& session, const json::object& answer, Time now) {
    const auto devices = objects_at(answer, "devices");
    if (devices.empty()) {
        session.around.out << session.say("还没有登记设备：gatehousectl device discover、gatehousectl device add",
                                          "no device is registered: gatehousectl device discover, gatehousectl device add")
                           << "\n";
        return;
    }
    Table table({session.say("设备", "DEVICE"), session.say("名称", "NAME"), session.say("驱动", "DRIVER"), session.say("状态", "STATE"),
                 session.say("最后消息", "HEARD"), session.say("事件", "EVENTS"), session.say("补录", "RECOVERED"), session.say("丢失", "LOST"),
                 session.say("时钟偏差", "CLOCK"), session.say("原因", "CAUSE")});
    for (const auto* device : devices) {
        const auto* status = object_at(*device, "status");
        const auto& figures = status == nullptr ? *device : *status;
        table.add({cell(*device, "id"), cell(*device, "name"), cell(*device, "driver"), word_at(figures, "state", session.zh()),
                   age_at(figures, "heard_at", now, session.zh()), cell(figures, "events"), cell(figures, "recovered"), cell(figures, "lost"),
                   offset_text(figures), cell(figures, "fault")});
    }
    session.around.out << table.text();
}

void show_lanes(const Session& session, const json::object& answer, Time now) {
    const auto upstreams = objects_at(answer, "upstreams");
    if (upstreams.empty()) {
        session.around.out << session.say("设置中没有上报平台（[[upstream]]）", "no upstream stands in the settings ([[upstream]])") << "\n";
        return;
    }
    Table table({session.say("平台", "UPSTREAM"), session.say("状态", "STATE"), session.say("通道", "LANE"), session.say("待回执", "WAITING"),
                 session.say("最早", "OLDEST"), session.say("每秒", "PER S"), session.say("预计清空", "DRAINED IN"),
                 session.say("已回执", "RECEIPTED"), session.say("重发", "RESENT"), session.say("拒收", "DEAD")});
    for (const auto* upstream : upstreams)
        for (const auto* lane : objects_at(*upstream, "lanes")) add_lane(session, table, *upstream, *lane, now);
    session.around.out << table.text();
    for (const auto* upstream : upstreams) show_complaints(session, *upstream);
}

} // namespace gatehouse::ctl
