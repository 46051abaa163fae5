// SPDX-License-Identifier: Apache-2.0
//
// What recording costs: the daemon and its workers against `ffmpeg -c copy -f segment`, on the same camera's stream, in turn. The camera's
// pictures were encoded once; its server sends them to as many as ask.
#include "tests/bench/log_folder.hpp"
#include "tests/bench/processes.hpp"
#include "tests/bench/rows.hpp"
#include "tests/harness/cameras.hpp"
#include "tests/harness/gateway.hpp"
#include "tests/harness/temp_dir.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace gatehouse::bench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr double private_mib_max = 25, written_max = 1.05, ratio_max = 1.0;
constexpr auto settling = 3s;
constexpr std::uintmax_t under_way_bytes = 100'000;

struct Cost {
    double cpu_s = 0;
    double worker_mib = 0; ///< the largest worker
    double written = 0;    ///< bytes to the disk for each byte of video
};

std::size_t files_under_way(const fs::path& folder) {
    std::size_t count = 0;
    std::error_code gone;
    for (const auto& entry : fs::recursive_directory_iterator(folder, gone)) {
        const auto bytes = entry.is_regular_file(gone) ? entry.file_size(gone) : 0;
        if (!gone && bytes > under_way_bytes) ++count;
    }
    return count;
}

std::uintmax_t bytes_in(const fs::path& folder) {
    std::uintmax_t sum = 0;
    std::error_code gone;
    for (const auto& entry : fs::recursive_directory_iterator(folder, gone)) {
        const auto bytes = entry.is_regular_file(gone) ? entry.file_size(gone) : 0;
        if (!gone) sum += bytes;
    }
    return sum;
}

void wait_for_files(const fs::path& folder, std::size_t count) {
    harness::eventually(
        std::to_string(count) + " recordings under way", [&] { return files_under_way(folder) >= count; }, 60s);
}

/// The share of a recorded file that is the camera's own bytes.
double video_share(const fs::path& file) {
    const auto sizes = harness::run_to_end(
        "/usr/bin/ffprobe", {"-v", "error", "-select_streams", "v:0", "-show_entries", "packet=size", "-of", "csv=p=0", file.string()});
    double sum = 0;
    for (std::size_t at = 0; at < sizes.size();) {
        sum += std::strtod(sizes.c_str() + at, nullptr);
        const auto end = sizes.find('\n', at);
        if (end == sizes.npos) break;
        at = end + 1;
    }
    return sum / static_cast<double>(fs::file_size(file));
}

std::string device_table(const harness::IpCamera& camera, std::size_t number, const fs::path& password) {
    return "[[device]]\nid = \"camera-" + std::to_string(number) +
           "\"\ndriver = \"rtsp\"\nname = \"gate\"\naddress = \"127.0.0.1\"\nport = " + std::to_string(camera.rtsp_port()) + "\nusername = \"" +
           camera.options().user + "\"\npassword_credential = \"" + password.string() + "\"\noptions = { path = \"/main\" }\n";
}

Cost record_ours(const harness::IpCamera& camera, const fs::path& folder, std::size_t count, std::chrono::seconds howlong) {
    fs::create_directories(folder);
    const auto recordings = folder / "recordings", password = folder / "password";
    harness::write_secret(password, camera.options().password);
    harness::GatewayOptions options;
    options.more_settings = "[recording]\ndirectory = \"" + recordings.string() + "\"\n";
    harness::Gateway gateway(options, folder);
    std::string devices;
    for (std::size_t i = 0; i < count; ++i) devices += device_table(camera, i, password);
    gateway.set_devices(devices);
    gateway.start();
    wait_for_files(recordings, count);
    std::this_thread::sleep_for(settling);
    const auto daemon = gateway.process().pid();
    const auto all = tree_of(daemon);
    const double cpu_before = cpu_seconds(all);
    const auto daemon_wrote = written_bytes(daemon);
    std::this_thread::sleep_for(howlong);
    Cost cost;
    cost.cpu_s = cpu_seconds(all) - cpu_before;
    auto written = static_cast<double>(written_bytes(daemon) - daemon_wrote);
    for (const auto process : all) {
        if (process == daemon) continue;
        cost.worker_mib = std::max(cost.worker_mib, private_mib(process));
        written += static_cast<double>(written_bytes(process));
    }
    const auto kept = static_cast<double>(bytes_in(recordings));
    gateway.stop();
    for (const auto& entry : fs::recursive_directory_iterator(recordings))
        if (entry.path().extension() == ".mp4") {
            cost.written = written / (kept * video_share(entry.path()));
            break;
        }
    fs::remove_all(folder);
    return cost;
}

Cost record_theirs(const harness::IpCamera& camera, const fs::path& folder, std::size_t count, std::chrono::seconds howlong) {
    const auto recordings = folder / "recordings";
    fs::create_directories(recordings);
    std::vector<std::unique_ptr<harness::ChildProcess>> processes;
    for (std::size_t i = 0; i < count; ++i) {
        const auto file = (recordings / (std::to_string(i) + "-%03d.mp4")).string();
        harness::ChildProcess::Command command{"/usr/bin/ffmpeg",
                                               {"-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", camera.url_with_account(), "-c", "copy",
                                                "-f", "segment", "-segment_time", "60", "-reset_timestamps", "1", file}};
        processes.push_back(std::make_unique<harness::ChildProcess>("ffmpeg-" + std::to_string(i), command, folder));
    }
    wait_for_files(recordings, count);
    std::this_thread::sleep_for(settling);
    std::vector<pid_t> all;
    for (const auto& process : processes) all.push_back(process->pid());
    const double cpu_before = cpu_seconds(all);
    std::this_thread::sleep_for(howlong);
    Cost cost;
    cost.cpu_s = cpu_seconds(all) - cpu_before;
    for (const auto process : all) cost.worker_mib = std::max(cost.worker_mib, private_mib(process));
    processes.clear();
    fs::remove_all(folder);
    return cost;
}

std::string with_digits(double value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::vector<Row> compare(const Plan& plan, harness::IpCamera& camera, std::size_t count, std::chrono::seconds howlong) {
    Row row;
    std::vector<double> ours, theirs, memory, their_memory, written;
    // A camera that was just switched on, for each of them.
    const auto anew = [&camera]() -> const harness::IpCamera& {
        camera.kill();
        camera.start();
        return camera;
    };
    for (std::size_t pair = 0; pair < plan.pairs; ++pair) {
        const auto mine = record_ours(anew(), plan.work / "ours", count, howlong);
        const auto other = record_theirs(anew(), plan.work / "theirs", count, howlong);
        const auto share = [&](double cpu_s) { return 100 * cpu_s / static_cast<double>(howlong.count()) / static_cast<double>(count); };
        ours.push_back(share(mine.cpu_s));
        theirs.push_back(share(other.cpu_s));
        row.spread.push_back(mine.cpu_s / other.cpu_s);
        memory.push_back(mine.worker_mib);
        their_memory.push_back(other.worker_mib);
        written.push_back(mine.written);
    }
    row.name = "record_" + std::to_string(count);
    row.value = median(ours);
    row.unit = "% of a core a camera";
    row.ratio = median(row.spread);
    row.goal = "<= 1.0 x ffmpeg, <= 25 MiB, <= 1.05 B/B";
    const double most = *std::max_element(memory.begin(), memory.end()), wrote = median(written);
    row.holds = *row.ratio <= ratio_max && most <= private_mib_max && wrote <= written_max;
    row.note = "ffmpeg " + with_digits(median(theirs), 2) + " %; private " + with_digits(most, 1) + " MiB (ffmpeg " +
               with_digits(median(their_memory), 1) + "); written " + with_digits(wrote, 3) + " bytes a byte of video";
    return {row};
}

} // namespace

std::vector<Row> measure_recording(const Plan& plan) {
    // 1080p, 25 frames a second, a key frame a second; drawn and encoded at the first start.
    harness::IpCamera camera("bench", harness::CameraOptions{}, plan.work);
    auto rows = compare(plan, camera, 1, 20s);
    for (auto& row : compare(plan, camera, 16, 12s)) rows.push_back(std::move(row));
    return rows;
}

} // namespace gatehouse::bench
