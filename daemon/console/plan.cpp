// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/plan.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace gatehouse::console {

namespace {

/// What a device of its kind brings in a day of a compound of about a thousand homes, for as long as the log knows no better.
struct Habit {
    std::string_view driver, model; ///< the first row that fits counts; empty: any
    double events_per_day;
    double scenes, faces, plates; ///< pictures an event
};
constexpr std::array habits{
    Habit{"isapi", "plate", 1500, 1, 0, 1},   // a lane: every car in and out
    Habit{"isapi", "terminal", 800, 0, 1, 0}, // an entrance with a face terminal
    Habit{"isapi", "", 200, 1, 0, 0},         // a camera's alarms
    Habit{"uhppote", "", 1200, 0, 0, 0},      // four doors: card, door open, door closed
    Habit{"", "", 500, 0, 0, 0},
};
constexpr double scene_bytes = 300 * 1024;
constexpr double face_bytes = 60 * 1024;
constexpr double plate_bytes = 20 * 1024;
constexpr double record_bytes_usual = 700; // row, commitment, seal; SQLite's own included
constexpr double index_bytes_a_record = 120;
constexpr double event_bytes = 900; // one CloudEvent in a batch
constexpr std::uint64_t records_telling_size = 1000;
constexpr double day_s = 24 * 3600;

const Habit& habit_of(const drivers::DeviceInfo& device) {
    return *std::find_if(habits.begin(), habits.end(), [&](const Habit& habit) {
        return (habit.driver.empty() || habit.driver == device.driver) && (habit.model.empty() || habit.model == device.model);
    });
}

double kbit_s(double bytes, double seconds) { return bytes * 8 / 1000 / seconds; }

/// Pictures of one device on a day: how many bytes come, and how many lie there after plan_days.
struct Pictures {
    double count = 0, bytes = 0, kept_bytes = 0;
    std::map<PictureRole, double> by_role; ///< bytes a day
};

double days_kept(const PlanSettings& settings, PictureRole role) {
    const auto found = settings.picture_days.find(role);
    return std::min<double>(plan_days, found == settings.picture_days.end() ? plan_days : found->second);
}

Pictures usual_pictures(const Habit& habit, double events, const PlanSettings& settings) {
    Pictures pictures;
    for (const auto& [role, each, bytes] :
         {std::tuple(PictureRole::scene, habit.scenes, scene_bytes), std::tuple(PictureRole::face, habit.faces, face_bytes),
          std::tuple(PictureRole::plate, habit.plates, plate_bytes)}) {
        const auto of_role = events * each * bytes;
        pictures.count += events * each;
        pictures.bytes += of_role;
        pictures.kept_bytes += of_role * days_kept(settings, role);
        if (of_role > 0) pictures.by_role[role] = of_role;
    }
    return pictures;
}

/// The sample tells bytes, the habit which roles they are of.
Pictures measured_pictures(const SourceSample& sample, const Habit& habit, double days, const PlanSettings& settings) {
    auto pictures = usual_pictures(habit, 1, settings);
    const auto usual = pictures.bytes;
    const auto bytes = static_cast<double>(sample.picture_bytes) / days;
    pictures.count = static_cast<double>(sample.pictures) / days;
    pictures.bytes = bytes;
    if (usual > 0) {
        for (auto& [role, share] : pictures.by_role) share = share / usual * bytes;
        pictures.kept_bytes = pictures.kept_bytes / usual * bytes;
    } else {
        pictures.kept_bytes = bytes * days_kept(settings, PictureRole::scene);
        if (bytes > 0) pictures.by_role[PictureRole::scene] = bytes;
    }
    return pictures;
}

std::string thousand(double number) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.0f", number);
    return text.data();
}

} // namespace

bool LogSample::says_enough() const { return records > 0 && (span >= sample_span_min || (is_full && span >= std::chrono::hours(1))); }

Plan make_plan(const PlanInput& input) {
    Plan plan;
    const bool size_is_measured = input.log_records >= records_telling_size && input.database_bytes > 0;
    plan.record_bytes = size_is_measured ? static_cast<double>(input.database_bytes) / static_cast<double>(input.log_records) : record_bytes_usual;
    const auto days = static_cast<double>(input.sample.span.count()) / 1e6 / day_s;
    double events = 0;
    std::map<PictureRole, double> by_role;
    for (const auto& device : input.devices) {
        const auto& habit = habit_of(device);
        const auto sample = input.sample.by_source.find(device.id);
        PlanRow row{device.id, device.driver, device.model, 0, 0, 0, input.sample.says_enough() && sample != input.sample.by_source.end()};
        row.events_per_day = row.is_measured ? static_cast<double>(sample->second.records) / days : habit.events_per_day;
        const auto pictures = row.is_measured ? measured_pictures(sample->second, habit, days, input.settings)
                                              : usual_pictures(habit, row.events_per_day, input.settings);
        row.pictures_per_day = pictures.count;
        row.bytes_per_day = row.events_per_day * plan.record_bytes + pictures.bytes;
        events += row.events_per_day;
        plan.pictures_total += pictures.kept_bytes;
        for (const auto& [role, bytes] : pictures.by_role) by_role[role] += bytes;
        plan.rows.push_back(std::move(row));
    }
    plan.records_total = events * plan.record_bytes * plan_days;
    plan.index_total = events * index_bytes_a_record * plan_days;
    plan.reserve_bytes = input.settings.reserve_bytes;
    plan.needed_bytes =
        static_cast<std::uint64_t>((plan.records_total + plan.index_total + plan.pictures_total) * disk_headroom) + plan.reserve_bytes;
    plan.free_bytes = input.free_bytes;
    plan.used_bytes = input.database_bytes;
    for (const auto& [upstream, roles] : input.settings.upstreams) {
        PlanLink link;
        link.upstream = upstream;
        double bytes = events * event_bytes;
        for (const auto role : roles) bytes += by_role[role];
        link.bytes_per_day = bytes * wire_overhead;
        link.mean_kbit_s = kbit_s(link.bytes_per_day, day_s);
        link.busy_kbit_s = kbit_s(link.bytes_per_day * busy_hour_share, 3600);
        link.catch_up_kbit_s = kbit_s(link.bytes_per_day * (1 + catch_up_hours / 24), catch_up_hours * 3600);
        plan.links.push_back(std::move(link));
    }
    const auto measured = std::count_if(plan.rows.begin(), plan.rows.end(), [](const PlanRow& row) { return row.is_measured; });
    if (measured < static_cast<std::ptrdiff_t>(plan.rows.size()))
        plan.assumptions.emplace_back(
            "日志尚无一天数据的设备按类型估计（千户小区）：车牌相机 1500 条/天、人脸终端 800、门禁控制器 1200、其他相机 200",
            "devices of which the log has no day yet are taken by their kind, in a compound of a thousand homes: plate camera "
            "1500 events a day, face terminal 800, door controller 1200, another camera 200");
    plan.assumptions.emplace_back(size_is_measured ? "每条记录 " + thousand(plan.record_bytes) + " 字节（实测）"
                                                   : "每条记录 " + thousand(plan.record_bytes) + " 字节（估计）",
                                  size_is_measured ? "a record takes " + thousand(plan.record_bytes) + " bytes (measured)"
                                                   : "a record takes " + thousand(plan.record_bytes) + " bytes (assumed)");
    plan.assumptions.emplace_back("图片：现场 300 KiB、人脸 60 KiB、车牌 20 KiB（无实测时）；不含视频录像和备份",
                                  "pictures: scene 300 KiB, face 60 KiB, plate 20 KiB where not measured; neither video nor backups are counted");
    plan.assumptions.emplace_back("最忙的一小时占全天 12%；断网一天后 4 小时内补完；链路开销 10%；磁盘另留 20%",
                                  "the busiest hour carries 12 % of a day; a day without line is made good in 4 hours; 10 % overhead on the line; "
                                  "20 % headroom on the disk");
    return plan;
}

json::object to_json(const Plan& plan) {
    const auto whole = [](double number) { return static_cast<std::uint64_t>(number + 0.5); };
    json::array devices, links, assumptions;
    for (const auto& row : plan.rows)
        devices.push_back({{"id", row.device},
                           {"driver", row.driver},
                           {"model", row.model},
                           {"events_per_day", whole(row.events_per_day)},
                           {"pictures_per_day", whole(row.pictures_per_day)},
                           {"bytes_per_day", whole(row.bytes_per_day)},
                           {"measured", row.is_measured}});
    for (const auto& link : plan.links)
        links.push_back({{"name", link.upstream},
                         {"bytes_per_day", whole(link.bytes_per_day)},
                         {"mean_kbit_s", whole(link.mean_kbit_s)},
                         {"busy_hour_kbit_s", whole(link.busy_kbit_s)},
                         {"catch_up_kbit_s", whole(link.catch_up_kbit_s)},
                         {"needed_kbit_s", whole(link.needed_kbit_s())}});
    for (const auto& [zh, en] : plan.assumptions) assumptions.push_back({{"zh", zh}, {"en", en}});
    json::object disk{{"records_bytes", whole(plan.records_total)},
                      {"index_bytes", whole(plan.index_total)},
                      {"pictures_bytes", whole(plan.pictures_total)},
                      {"reserve_bytes", plan.reserve_bytes},
                      {"needed_bytes", plan.needed_bytes},
                      {"free_bytes", plan.free_bytes},
                      {"used_bytes", plan.used_bytes},
                      {"enough", plan.is_enough()}};
    return {{"days", plan_days},
            {"devices", std::move(devices)},
            {"disk", std::move(disk)},
            {"upstreams", std::move(links)},
            {"assumptions", std::move(assumptions)}};
}

} // namespace gatehouse::console
