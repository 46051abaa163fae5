// SPDX-License-Identifier: Apache-2.0
//
// What watching costs beside recording: the CPU of the worker's watching thread (decoding, looking, snapshots) on real RTSP.
#include "tests/bench/rows.hpp"

#include "tests/harness/cameras.hpp"
#include "tests/unit/pipelines/worker/at_work.hpp"

#include <algorithm>
#include <fstream>

namespace gatehouse::bench {
namespace {

constexpr int settling_beats = 12, measured_beats = 60; // heartbeats, two a second
constexpr double core_percent_max = 0.5;

/// Nanoseconds that the thread of this name has run (proc(5): schedstat).
double watched_ns(int pid) {
    for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
        std::string name;
        std::getline(std::ifstream(thread.path() / "comm"), name);
        double ns = 0;
        if (name == "watch" && std::ifstream(thread.path() / "schedstat") >> ns) return ns;
    }
    return 0;
}

double core_percent(const harness::IpCamera& camera, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    pipelines::Configuration configuration;
    configuration.camera = "bench";
    configuration.url = camera.url();
    configuration.username = camera.options().user;
    configuration.password = camera.options().password;
    configuration.folder = folder.string();
    configuration.watch.on = true;
    pipelines::AtWork worker(configuration);
    const auto beats = [&worker](int count) {
        worker.hear([&](const pipelines::Up& said) { return std::holds_alternative<pipelines::Heartbeat>(said) && --count <= 0; });
    };
    beats(settling_beats);
    const double before = watched_ns(worker.pid());
    beats(measured_beats);
    const double ns = watched_ns(worker.pid()) - before;
    worker.say(pipelines::Stop());
    worker.hear();
    std::filesystem::remove_all(folder);
    return 100 * ns / 1e9 / (measured_beats / 2.0);
}

} // namespace

std::vector<Row> measure_watching(const Plan& plan) {
    // 1080p, 25 frames a second, a key frame in two seconds as cameras are shipped; cars and a walker.
    harness::CameraOptions options;
    options.key_every_s = 2;
    const harness::IpCamera camera("watched", options, plan.work);
    std::vector<double> all;
    for (std::size_t i = 0; i < std::min<std::size_t>(plan.pairs, 3); ++i) all.push_back(core_percent(camera, plan.work / "watched"));
    const double value = median(all);
    return {{"watch_core_percent",
             value,
             "% of a core",
             {},
             "<= 0.5",
             value <= core_percent_max,
             all,
             "key frames decoded and looked at, 1080p over RTSP"}};
}

} // namespace gatehouse::bench
