// SPDX-License-Identifier: Apache-2.0
//
// How long until a film begins: a month's index, rows to plan to the first byte of picture, as the console's route goes about it.
#include "daemon/store/files.hpp"
#include "daemon/store/recording_index.hpp"
#include "pipelines/link/segment_name.hpp"
#include "pipelines/playback/plan.hpp"
#include "pipelines/playback/scan.hpp"
#include "tests/bench/log_folder.hpp"
#include "tests/bench/rows.hpp"
#include "tests/fixtures/clips.hpp"

#include <stdexcept>

namespace gatehouse::bench {
namespace {

using namespace pipelines;
using namespace std::chrono_literals;

constexpr int cameras = 8, days = 30, minutes = days * 24 * 60;
constexpr std::size_t films = 200, day_films = 10;
constexpr double start_ms_max = 100;
const Time first_minute = from_us(1'760'000'000'000'000);

template <class T>
T need(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().what());
    return std::move(*result);
}
void need_done(Done done) {
    if (!done) throw std::runtime_error(done.error().what());
}
std::string camera_named(int number) { return "camera-" + std::to_string(number); }

/// A minute of video that every row stands for; its file is the only one.
class MinuteFile {
public:
    explicit MinuteFile(const std::filesystem::path& folder) : path_((folder / "minute.mp4").string()) {
        const auto& bytes = fixtures::clip({.seconds = 60});
        fixtures::write_file(path_, bytes);
        const playback::ReadAt read = [this](std::uint64_t offset, std::size_t size) { return read_at(offset, size); };
        auto scanned = need(playback::scan(bytes.size(), read));
        segment_ = playback::segment_of(scanned);
        init_.assign(bytes.begin(), bytes.begin() + segment_.init_bytes);
    }
    Result<Bytes> read_at(std::uint64_t offset, std::size_t size) { return files_.read_at(path_, offset, size); }
    Segment segment_at(const std::string& camera, Time started_at) const {
        Segment made = segment_;
        made.camera = camera;
        made.started_at = started_at;
        made.ended_at = started_at + 1min;
        made.file = to_text(SegmentName{started_at, "main"});
        made.end = "rolled";
        return made;
    }
    ByteView init() const { return init_; }

private:
    std::string path_;
    store::SystemFiles files_;
    Segment segment_;
    Bytes init_;
};

void fill_index(store::Connection& index, const MinuteFile& file) {
    need_done(index.run("pragma synchronous = off"));
    for (int day = 0; day < days; ++day) {
        need_done(index.run("begin"));
        for (int minute = day * 24 * 60; minute < (day + 1) * 24 * 60; ++minute)
            for (int camera = 0; camera < cameras; ++camera)
                need(store::insert_segment(index, file.segment_at(camera_named(camera), first_minute + minute * 1min), file.init()));
        need_done(index.run("commit"));
    }
}

/// Milliseconds from the question to the first byte behind the film's head.
double start_film(store::Connection& index, MinuteFile& file, const std::string& camera, Time from, Duration howlong) {
    const double started = seconds_now();
    auto rows = need(store::footage_within(index, camera, "main", from, from + howlong, 20'000));
    std::vector<std::shared_ptr<const playback::Footage>> footage;
    for (auto& row : rows) {
        playback::Footage one{static_cast<std::uint64_t>(row.segment.id), row.segment.started_at, row.init, std::move(row.fragments)};
        footage.push_back(std::make_shared<const playback::Footage>(std::move(one)));
    }
    const auto plan = need(playback::Plan::make(footage, from, from + howlong));
    const playback::ReadSegment read = [&](std::uint64_t, std::uint64_t offset, std::size_t size) { return file.read_at(offset, size); };
    std::uint64_t at = 0;
    for (int piece = 0; piece < 2; ++piece) at += need(plan.read(at, playback::piece_bytes_max, read)).size();
    if (plan.ends_at() < from + howlong) throw std::runtime_error("the film is shorter than its span");
    return (seconds_now() - started) * 1000;
}

} // namespace

std::vector<Row> measure_playback(const Plan& plan) {
    MinuteFile file(plan.work);
    auto index = need(store::open_recording_index((plan.work / "recordings.db").string(), ""));
    fill_index(index, file);
    index.close();
    index = need(store::open_recording_index((plan.work / "recordings.db").string(), ""));
    std::vector<double> hours, whole_days;
    for (std::size_t i = 0; i < films; ++i) {
        const auto minute = static_cast<int>(i * 7919 % (minutes - 60));
        hours.push_back(start_film(index, file, camera_named(static_cast<int>(i % cameras)), first_minute + minute * 1min + 7s, 1h - 8s));
    }
    for (std::size_t i = 0; i < day_films; ++i)
        whole_days.push_back(
            start_film(index, file, camera_named(static_cast<int>(i % cameras)), first_minute + static_cast<int>(i) * 24h, 24h - 1s));
    index.close();
    Row row;
    row.name = "playback_ms";
    row.value = percentile(hours, 0.99);
    row.unit = "ms";
    row.goal = "<= 100 ms";
    row.holds = row.value <= start_ms_max && percentile(whole_days, 0.99) <= start_ms_max;
    row.spread = {percentile(hours, 0.5), percentile(hours, 0.99)};
    row.note = "p99 of films of an hour, " + std::to_string(cameras * minutes) + " segments in the index; films of a day p99 " +
               std::to_string(static_cast<int>(percentile(whole_days, 0.99))) + " ms";
    return {row};
}

} // namespace gatehouse::bench
