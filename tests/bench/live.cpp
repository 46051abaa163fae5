// SPDX-License-Identifier: Apache-2.0
//
// How late a live picture is: from the moment at which a camera's frame is due to its fragment in a viewer's hands, with a real camera, a
// real worker and the daemon's end of the link. The web's own part (one write to a socket) is not in it.
#include "pipelines/link/camera.hpp"
#include "pipelines/playback/scan.hpp"
#include "tests/bench/log_folder.hpp"
#include "tests/bench/rows.hpp"
#include "tests/harness/cameras.hpp"
#include "tests/paths.hpp"
#include "tests/unit/daemon/net/on_loop.hpp"

#include <algorithm>
#include <stdexcept>

namespace gatehouse::bench {
namespace {

namespace fs = std::filesystem;
using namespace pipelines;

constexpr std::size_t fragments_wanted = 100;
constexpr double late_ms_max = 300, frame_ms = 40;

class NoLog final : public RecordSink {
public:
    Task<Result<Appended>> append(Record, std::optional<SourceMark>) override { co_return Appended{1, false, false}; }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string) override { co_return std::optional<SourceMark>(); }
    void hand_over(Record) override {}
};

struct Seen {
    std::uint32_t frames = 0;
    std::int64_t at_us = 0;
};

std::uint32_t frames_of(const Bytes& init, const Bytes& fragment) {
    Bytes film = init;
    film.insert(film.end(), fragment.begin(), fragment.end());
    const playback::ReadAt read = [&](std::uint64_t offset, std::size_t bytes) -> Result<Bytes> {
        const auto piece = ByteView(film).subspan(std::min<std::size_t>(offset, film.size()));
        return Bytes(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(std::min(bytes, piece.size())));
    };
    const auto scanned = playback::scan(film.size(), read);
    if (!scanned || scanned->fragments.size() != 1) throw std::runtime_error("a live fragment that cannot be read");
    return scanned->fragments[0].frames;
}

Task<void> look_on(LiveViewer& viewer, Clock& clock, std::vector<Seen>& seen) {
    Shared init;
    while (seen.size() < fragments_wanted) {
        auto piece = co_await viewer.next();
        const auto at = clock.now();
        if (!piece) throw std::runtime_error(piece.error().what());
        if (piece->what == LiveViewer::Piece::What::init) {
            init = piece->bytes;
        } else {
            seen.push_back({frames_of(*init, *piece->bytes), at.time_since_epoch().count()});
        }
    }
}

Task<void> record(pipelines::Camera& camera, RecordSink& sink) {
    const auto error = co_await camera.run(sink);
    throw std::runtime_error("the live camera ended: " + error.what());
}

Task<bool> both(Task<void> looking, Task<void> recording) {
    co_await first_of(std::move(looking), std::move(recording));
    co_return true;
}

/// Milliseconds from the first frame of each fragment to its arrival, without the fragment's own length.
std::vector<double> lateness(const std::vector<Seen>& seen, const std::vector<harness::CameraFrame>& frames) {
    std::size_t first = frames.size();
    for (std::size_t i = 0; i + seen[0].frames <= frames.size(); ++i)
        if (frames[i].is_key && frames[i + seen[0].frames - 1].at_us <= seen[0].at_us) first = i;
    if (first == frames.size()) throw std::runtime_error("the camera knows none of these frames");
    std::vector<double> late;
    for (const auto& one : seen) {
        if (first >= frames.size()) throw std::runtime_error("more frames than the camera sent");
        late.push_back(static_cast<double>(one.at_us - frames[first].at_us) / 1000 - frame_ms * one.frames);
        first += one.frames;
    }
    return late;
}

} // namespace

std::vector<Row> measure_live(const Plan& plan) {
    harness::IpCamera source("live", harness::CameraOptions{}, plan.work);
    net::OnLoop real;
    SeededEntropy entropy(1);
    const drivers::Surroundings surroundings{real.loop, real.clock, entropy, *real.network};
    const auto children = net::make_system_children(real.loop);
    drivers::DeviceInfo device;
    device.id = "live";
    device.driver = "rtsp";
    device.address = {"127.0.0.1", source.rtsp_port()};
    device.username = source.options().user;
    device.password = source.options().password;
    device.options = {{"path", "/main"}};
    RecordingRules rules;
    rules.folder = plan.work.string();
    fs::create_directories(plan.work / device.id);
    LiveFeed feed;
    auto viewer = feed.view();
    auto configuration = configuration_of(device, rules);
    if (!viewer || !configuration) throw std::runtime_error("no viewer");
    pipelines::Camera::Parts parts{surroundings, *children, tests::program_path("gatehouse-media"), feed, [](Segment) {}};
    pipelines::Camera camera(device, std::move(*configuration), std::move(parts));
    NoLog log;
    std::vector<Seen> seen;
    real.run<bool>(both(look_on(**viewer, real.clock, seen), record(camera, log)));
    const auto late = lateness(seen, source.frames());
    Row row;
    row.name = "live_p95_ms";
    row.value = percentile(late, 0.95);
    row.unit = "ms beyond the fragment";
    row.goal = "<= 300 ms";
    row.holds = row.value <= late_ms_max;
    row.spread = {percentile(late, 0.5), percentile(late, 0.99)};
    row.note = std::to_string(seen.size()) + " fragments of one camera at the daemon's live feed";
    return {row};
}

} // namespace gatehouse::bench
