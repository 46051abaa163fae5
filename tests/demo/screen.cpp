// SPDX-License-Identifier: Apache-2.0
#include "tests/demo/screen.hpp"

#include "daemon/ctl/table.hpp"

#include <cstdio>
#include <optional>

#include <unistd.h>

namespace gatehouse::demo {

namespace {

using ctl::Table;

struct Word {
    std::string_view state, shown;
};
constexpr Word words[] = {{"online", "online 在线"},
                          {"offline", "OFFLINE 离线"},
                          {"connecting", "connecting 连接中"},
                          {"refused", "REFUSED 被拒"},
                          {"conflict", "CONFLICT 冲突"}};

std::string shown(std::string_view state) {
    for (const auto& word : words)
        if (word.state == state) return std::string(word.shown);
    return std::string(state);
}

std::string cell(const boost::json::object& object, std::string_view key) {
    const auto found = object.find(key);
    if (found == object.end() || found->value().is_null()) return "-";
    if (found->value().is_string()) return std::string(found->value().get_string());
    if (found->value().is_double()) {
        char text[32];
        std::snprintf(text, sizeof text, "%.1f", found->value().get_double());
        return text;
    }
    return boost::json::serialize(found->value());
}

std::optional<boost::json::object> asked(const Compound& compound, const std::string& path) {
    try {
        return harness::HttpPeer::unix_socket(compound.socket().string()).get(path).as_object();
    } catch (const std::exception&) {
        return std::nullopt; // the gateway is starting
    }
}

} // namespace

std::string tables_of(const boost::json::object& status) {
    Table devices({"DEVICE 设备", "STATE 状态", "EVENTS 事件", "RECOVERED 补录", "REPEATS 重复", "LOST 丢失"});
    for (const auto& entry : status.at("devices").as_array()) {
        const auto& device = entry.as_object();
        devices.add({cell(device, "id"), shown(cell(device, "state")), cell(device, "events"), cell(device, "recovered"), cell(device, "repeats"),
                     cell(device, "lost")});
    }
    Table lanes({"PLATFORM 平台", "STATE 状态", "LANE 通道", "WAITING 待回执", "RECEIPTED 已回执", "SENT AGAIN 重发", "PER S 每秒"});
    for (const auto& entry : status.at("upstreams").as_array()) {
        const auto& upstream = entry.as_object();
        for (const auto& one : upstream.at("lanes").as_array()) {
            const auto& lane = one.as_object();
            lanes.add({cell(upstream, "name"), shown(cell(upstream, "state")), cell(lane, "lane"), cell(lane, "waiting"), cell(lane, "receipted"),
                       cell(lane, "resent"), cell(lane, "per_s")});
        }
    }
    return devices.text() + "\n" + lanes.text();
}

std::string cameras_of(const boost::json::object& answer) {
    Table table({"CAMERA 相机", "STATE 状态", "PICTURE 画面", "FPS 帧率", "KBIT/S 码率", "SEGMENTS 录像段"});
    for (const auto& entry : answer.at("cameras").as_array()) {
        const auto& camera = entry.as_object();
        const auto *status = camera.if_contains("status"), *picture = camera.if_contains("picture"), *recordings = camera.if_contains("recordings");
        const auto* bits = camera.if_contains("bits_per_s");
        const bool is_seen = picture != nullptr && picture->is_object();
        table.add({cell(camera, "id"), status == nullptr ? "-" : shown(cell(status->as_object(), "state")),
                   is_seen
                       ? cell(picture->as_object(), "codec") + " " + cell(picture->as_object(), "width") + "x" + cell(picture->as_object(), "height")
                       : "-",
                   cell(camera, "fps"), bits == nullptr ? "-" : std::to_string(bits->to_number<std::uint64_t>() / 1000),
                   recordings != nullptr && recordings->is_object() ? cell(recordings->as_object(), "segments") : "0"});
    }
    return table.text();
}

Screen::Screen(bool quiet) : quiet_(quiet), is_terminal_(isatty(STDOUT_FILENO) == 1) {}

void Screen::draw(Compound& compound, std::chrono::seconds since, const std::string& news) {
    if (quiet_ || (!is_terminal_ && since.count() % 5 != 0)) return;
    Judgement now;
    try {
        now = judge(compound);
    } catch (const harness::Trouble&) {
        return; // a process is being broken just now
    }
    const auto seconds = static_cast<long long>(since.count());
    if (!is_terminal_) {
        std::printf("%4lld s  heard %llu  recorded %llu  %s\n", seconds, static_cast<unsigned long long>(now.heard),
                    static_cast<unsigned long long>(now.recorded), news.c_str());
        std::fflush(stdout);
        return;
    }
    const auto status = asked(compound, "/api/v1/status"), cameras = asked(compound, "/api/v1/cameras");
    std::string text = "\033[H\033[2JGatehouse 演示小区 · demo compound   " + std::to_string(seconds) + " s\n\n";
    text += "heard 发生 " + std::to_string(now.heard) + "   recorded 已落盘 " + std::to_string(now.recorded) + "   on the way 途中 " +
            std::to_string(now.lost) + "   broker 消息服务器 " + (compound.broker_runs() ? "running 运行" : "KILLED 已断开") + "\n\n";
    if (status) text += tables_of(*status);
    if (cameras) text += "\n" + cameras_of(*cameras);
    text += "\n" + news + "\n\nIn another window 在另一个窗口：\n  G=\"build/release/bin/gatehousectl --socket " + compound.socket().string() +
            "\"\n  $G status    $G tail    $G check    $G upstream status\n  $G camera list    $G camera live gate-north-video | ffplay -\n\nCtrl-C "
            "ends it 结束\n";
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

} // namespace gatehouse::demo
