// SPDX-License-Identifier: Apache-2.0
//
// Watching, judged by scenes whose truth is known. Raw pictures go to the watcher as a decoder would hand them over, 1080p; what decoding costs is
// no part of this.
#include "tests/bench/rows.hpp"

#include "pipelines/watch/watcher.hpp"
#include "tests/simulators/cameras/scene/scene.hpp"

#include <algorithm>
#include <ctime>
#include <initializer_list>
#include <stdexcept>

namespace gatehouse::bench {
namespace {

namespace watch = pipelines::watch;
using simulators::cameras::Canvas;
using simulators::cameras::Scene;
using simulators::cameras::SceneChoice;
using namespace std::chrono_literals;

constexpr int width = 1920, height = 1080;
constexpr int seeds = 3;
constexpr double scene_s = 30, afterwards_s = 3;
// The truth lets a pause of up to a second pass as one motion; so does the watcher here.
constexpr auto motion_ends_after = 1000ms;

double cpu_ms() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Tally {
    std::size_t right = 0, wrong = 0, missed = 0;

    double precision() const { return right + wrong == 0 ? 1 : static_cast<double>(right) / static_cast<double>(right + wrong); }
    double recall() const { return right + missed == 0 ? 1 : static_cast<double>(right) / static_cast<double>(right + missed); }
    void add(const Tally& other) { right += other.right, wrong += other.wrong, missed += other.missed; }
};

struct Judged {
    Tally motion, persons;
    std::size_t motions = 0; // that were told
    std::vector<double> picture_ms;
};

struct Span {
    int first = 0, last = 0;
};

watch::PictureView view(const Canvas& canvas, int frame, int fps) {
    const auto luma = static_cast<std::size_t>(canvas.width()) * static_cast<std::size_t>(canvas.height());
    const auto all = canvas.bytes();
    return {.width = canvas.width(),
            .height = canvas.height(),
            .gray = {all.first(luma), canvas.width()},
            .blue_ish = {all.subspan(luma, luma / 4), canvas.width() / 2},
            .red_ish = {all.subspan(luma + luma / 4, luma / 4), canvas.width() / 2},
            .at = from_us(std::int64_t{1'000'000} * frame / fps)};
}

int frame_of(Time at, int fps) { return static_cast<int>((to_us(at) * fps + 500'000) / 1'000'000); }

// Each picture is right, wrong or missed. The first and the last of a true span count neither way: something as wide as a few pixels comes in at
// the edge of the picture, or is still behind it.
void judge_motion(const Scene& scene, const std::vector<Span>& told, Judged& judged) {
    const auto frames = static_cast<std::size_t>(scene.frames());
    std::vector<char> moves(frames), edge(frames), said(frames);
    for (const auto& span : scene.truth().spans) {
        if (span.what != "motion") continue;
        for (int frame = span.first; frame <= span.last; ++frame) moves[static_cast<std::size_t>(frame)] = 1;
        edge[static_cast<std::size_t>(span.first)] = edge[static_cast<std::size_t>(span.last)] = 1;
    }
    for (const Span& span : told)
        for (int frame = span.first; frame <= std::min(span.last, scene.frames() - 1); ++frame) said[static_cast<std::size_t>(frame)] = 1;
    for (std::size_t i = 0; i < frames; ++i) {
        if (edge[i]) continue;
        judged.motion.right += moves[i] && said[i];
        judged.motion.wrong += !moves[i] && said[i];
        judged.motion.missed += moves[i] && !said[i];
    }
    judged.motions += told.size();
}

// A person is found when the middle of a box of ours lies in the true one.
void judge_persons(const Scene& scene, const std::vector<watch::PersonsSeen>& seen, int fps, Judged& judged) {
    for (const auto& picture : seen) {
        const int frame = frame_of(picture.at, fps);
        std::vector<char> used(picture.persons.size());
        for (const auto& object : scene.truth().objects) {
            const int at = frame - object.first;
            if (object.kind != "person" || at < 0 || at >= static_cast<int>(object.boxes.size())) continue;
            const auto& box = object.boxes[static_cast<std::size_t>(at)];
            bool is_found = false;
            for (std::size_t i = 0; i < used.size() && !is_found; ++i) {
                const auto& ours = picture.persons[i].box;
                const double x = (ours.x + ours.width / 2) * width, y = (ours.y + ours.height / 2) * height;
                is_found = !used[i] && x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
                if (is_found) used[i] = 1;
            }
            ++(is_found ? judged.persons.right : judged.persons.missed);
        }
        judged.persons.wrong += static_cast<std::size_t>(std::count(used.begin(), used.end(), 0));
    }
}

Judged judge(std::initializer_list<const char*> names, int fps, bool persons) {
    Judged judged;
    for (const char* name : names) {
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            Scene scene({.name = name, .width = width, .height = height, .fps = fps, .seconds = fps == 1 ? 2 * scene_s : scene_s, .seed = seed});
            auto watcher = watch::Watcher::open({.motion_ends_after = motion_ends_after, .persons = persons});
            if (!watcher) throw std::runtime_error(watcher.error().what());
            std::vector<Span> told;
            std::vector<watch::PersonsSeen> seen_persons;
            const Canvas* canvas = nullptr;
            const int frames = scene.frames() + static_cast<int>(afterwards_s * fps); // what still moves at the end comes to its end
            for (int frame = 0; frame < frames; ++frame) {
                if (frame < scene.frames()) canvas = &scene.draw_next();
                const double before = cpu_ms();
                const auto& seen = watcher->on(view(*canvas, frame, fps));
                if (frame < scene.frames()) judged.picture_ms.push_back(cpu_ms() - before);
                for (const auto& each : seen) {
                    if (const auto* ended = std::get_if<watch::MotionEnded>(&each))
                        told.push_back({frame_of(ended->started_at, fps), frame_of(ended->last_at, fps)});
                    if (const auto* found = std::get_if<watch::PersonsSeen>(&each)) seen_persons.push_back(*found);
                }
            }
            judge_motion(scene, told, judged);
            if (persons) judge_persons(scene, seen_persons, fps, judged);
        }
    }
    return judged;
}

void add_motion(std::vector<Row>& rows, const std::string& name, const Judged& judged, double least, const std::string& note) {
    const std::string goal = least == 0 ? "" : least == 0.95 ? "≥ 0.95" : "≥ 0.9";
    const auto holds = [least](double value) { return least == 0 ? std::optional<bool>() : value >= least; };
    const double precision = judged.motion.precision(), recall = judged.motion.recall();
    rows.push_back({name + "_precision", precision, "", {}, goal, holds(precision), {}, note});
    rows.push_back(
        {name + "_recall", recall, "", {}, goal, holds(recall), {}, std::to_string(judged.motion.right + judged.motion.missed) + " pictures"});
}

} // namespace

std::vector<Row> measure_watch(const Plan& plan) {
    std::vector<Row> rows;
    const auto day = judge({"gate_day", "cars", "walkers"}, 5, false), night = judge({"gate_night"}, 5, false);
    add_motion(rows, "motion_day", day, 0.95, "5 pictures a second");
    add_motion(rows, "motion_night", night, 0.9, "5 pictures a second");
    add_motion(rows, "motion_day_key", judge({"gate_day", "cars", "walkers"}, 1, false), 0.95, "key frames alone, one a second");
    add_motion(rows, "motion_night_key", judge({"gate_night"}, 1, false), 0.9, "key frames alone, one a second");
    add_motion(rows, "motion_rain", judge({"gate_rain"}, 5, false), 0, "5 pictures a second");
    const auto light = judge({"light_jumps", "empty", "empty_night"}, 5, false);
    const auto alarms = static_cast<double>(light.motions);
    rows.push_back(
        {"light_alarms", alarms, "motions", {}, "0", alarms == 0, {}, "a lamp, a cloud, an exposure that jumps; nothing by day and night"});
    const auto persons = judge({"walkers"}, 5, true).persons;
    rows.push_back({"persons_precision", persons.precision(), "", {}, "", {}, {}, "OpenCV's HOG on drawn walkers"});
    rows.push_back({"persons_recall", persons.recall(), "", {}, "", {}, {}, std::to_string(persons.right + persons.missed) + " to be seen"});
    std::vector<double> all = day.picture_ms;
    all.insert(all.end(), light.picture_ms.begin(), light.picture_ms.end());
    double sum = 0;
    for (const double each : all) sum += each;
    const double mean = sum / static_cast<double>(std::max<std::size_t>(1, all.size()));
    rows.push_back({"watch_ms",
                    mean,
                    "ms",
                    {},
                    "≤ 0.5",
                    mean <= 0.5,
                    {percentile(all, 0.5), percentile(all, 0.99)},
                    "CPU a picture beyond decoding, 1080p, with and without motion; spread: median and p99"});
    for (auto& row : measure_watching(plan)) rows.push_back(std::move(row));
    return rows;
}

} // namespace gatehouse::bench
