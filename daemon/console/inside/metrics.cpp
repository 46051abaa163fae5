// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/desk.hpp"
#include "daemon/console/inside/check.hpp"

#include <array>
#include <cstdio>
#include <set>

namespace gatehouse::console::inside {

namespace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

std::string escaped_label(std::string_view text) {
    std::string safe;
    for (const char letter : text) {
        if (letter == '\n')
            safe += "\\n";
        else if (letter == '\\' || letter == '"')
            safe += std::string("\\") + letter;
        else
            safe.push_back(letter);
    }
    return safe;
}

/// Lines of one family stand together, as the format wants: begin a family, then its lines.
class Page {
public:
    void family(std::string_view name, std::string_view type, std::string_view help) {
        name_ = name;
        text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " + std::string(type) + "\n";
    }
    void line(const Labels& labels, double value) {
        text_ += name_;
        for (std::size_t i = 0; i < labels.size(); ++i)
            text_ += (i == 0 ? "{" : ",") + std::string(labels[i].first) + "=\"" + escaped_label(labels[i].second) + "\"";
        std::array<char, 32> number{};
        std::snprintf(number.data(), number.size(), "%.17g", value);
        text_ += (labels.empty() ? " " : "} ") + std::string(number.data()) + "\n";
    }
    void line(const Labels& labels, std::uint64_t value) { line(labels, static_cast<double>(value)); }
    void single(std::string_view name, std::string_view type, std::string_view help, std::uint64_t value) {
        family(name, type, help);
        line({}, value);
    }
    std::string take() { return std::move(text_); }

private:
    std::string name_;
    std::string text_;
};

void write_log(Page& page, const Parts& parts) {
    const auto status = parts.store.status();
    page.family("gatehouse_build_info", "gauge", "Version of the daemon");
    page.line({{"version", parts.version}}, std::uint64_t{1});
    page.single("gatehouse_log_head", "counter", "Position of the last committed record", parts.store.head().position);
    page.single("gatehouse_log_records", "gauge", "Records in the log", status.records);
    page.single("gatehouse_log_waiting_records", "gauge", "Records before the writer", status.waiting_records);
    page.single("gatehouse_log_commits_total", "counter", "Commits since the start", status.commits);
    page.single("gatehouse_log_repeats_total", "counter", "Events that were there already", status.repeats);
    page.single("gatehouse_log_conflicts_total", "counter", "Events of a known number with another content", status.conflicts);
    page.single("gatehouse_log_refused_total", "counter", "Records refused by their schema", status.refused);
    page.single("gatehouse_disk_sound", "gauge", "1: the disk takes records", status.disk == store::DiskState::sound ? 1 : 0);
    page.single("gatehouse_disk_free_bytes", "gauge", "Free bytes where the log lies", status.free_bytes);
    page.single("gatehouse_database_bytes", "gauge", "Size of the log", status.database_bytes);
    page.single("gatehouse_clock_synced", "gauge", "1: the gateway's clock can be believed", parts.clock.quality() == ClockQuality::synced ? 1 : 0);
}

void write_devices(Page& page, const Parts& parts) {
    const auto statuses = parts.device_statuses();
    const auto each = [&](auto&& value_of) {
        for (const auto& [id, status] : statuses) page.line({{"device", id}}, value_of(status));
    };
    page.family("gatehouse_device_online", "gauge", "1: the device answers");
    each([](const drivers::DeviceStatus& status) { return std::uint64_t{status.state == drivers::DeviceStatus::State::online}; });
    page.family("gatehouse_device_events_total", "counter", "Events since the start");
    each([](const drivers::DeviceStatus& status) { return status.events; });
    page.family("gatehouse_device_recovered_total", "counter", "Events read from the device's memory");
    each([](const drivers::DeviceStatus& status) { return status.recovered; });
    page.family("gatehouse_device_lost_total", "counter", "Events gone from the device's memory");
    each([](const drivers::DeviceStatus& status) { return status.lost; });
    page.family("gatehouse_device_malformed_total", "counter", "Messages that could not be understood");
    each([](const drivers::DeviceStatus& status) { return status.malformed; });
    page.family("gatehouse_device_clock_offset_seconds", "gauge", "The device's clock minus ours");
    for (const auto& [id, status] : statuses)
        if (status.clock_offset_us) page.line({{"device", id}}, static_cast<double>(*status.clock_offset_us) / 1e6);
}

void write_upstreams(Page& page, const Parts& parts) {
    std::vector<sync::UpstreamStatus> statuses;
    for (const auto* upstream : parts.upstreams()) statuses.push_back(upstream->status());
    page.family("gatehouse_upstream_online", "gauge", "1: connected");
    for (const auto& status : statuses) page.line({{"upstream", status.name}}, std::uint64_t{status.state == sync::UpstreamStatus::State::online});
    const auto each = [&](auto&& value_of) {
        for (const auto& status : statuses)
            for (const auto& lane : status.lanes) page.line({{"upstream", status.name}, {"lane", std::string(name_of(lane.lane))}}, value_of(lane));
    };
    page.family("gatehouse_lane_waiting", "gauge", "Records without a receipt");
    each([](const sync::LaneStatus& lane) { return lane.waiting; });
    page.family("gatehouse_lane_receipted_total", "counter", "Records receipted since the start");
    each([](const sync::LaneStatus& lane) { return lane.receipted; });
    page.family("gatehouse_lane_resent_total", "counter", "Records sent again since the start");
    each([](const sync::LaneStatus& lane) { return lane.resent; });
    page.family("gatehouse_lane_refused_total", "counter", "Records that the platform refused");
    each([](const sync::LaneStatus& lane) { return lane.refused; });
    page.family("gatehouse_lane_receipts_refused_total", "counter", "Receipts that could not be believed");
    each([](const sync::LaneStatus& lane) { return lane.receipts_refused; });
}

void write_console(Page& page, const Traffic& traffic) {
    page.family("gatehouse_console_answers_total", "counter", "Answers by status");
    for (const auto& [status, count] : traffic.by_status) page.line({{"status", std::to_string(status)}}, count);
    page.single("gatehouse_console_refused_total", "counter", "Answers 401 and 403", traffic.refused);
    page.single("gatehouse_console_live_feeds", "gauge", "Open live feeds", traffic.live_now);
    page.single("gatehouse_console_live_videos", "gauge", "Who looks at cameras now", traffic.videos_now);
    page.single("gatehouse_console_live_video_skipped_total", "counter", "Fragments left out for viewers who were too slow", traffic.videos_skipped);
    page.single("gatehouse_console_resyncs_total", "counter", "Live readers that were too slow", traffic.resyncs);
}

} // namespace

Task<net::HttpResponse> get_metrics(Parts& parts, const Asking& asking) {
    Page page;
    write_log(page, parts);
    write_devices(page, parts);
    write_upstreams(page, parts);
    write_console(page, asking.desk.traffic);
    co_return text_answer(page.take(), "text/plain; version=0.0.4; charset=utf-8");
}

} // namespace gatehouse::console::inside
