// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile_streams/siege.hpp"

#include "pipelines/playback/scan.hpp"
#include "tests/paths.hpp"

#include <numeric>
#include <tuple>

namespace gatehouse::hostile {

using namespace pipelines;
namespace fs = std::filesystem;

Task<Result<Appended>> CountingSink::append(Record record, std::optional<SourceMark> mark) {
    if (!check_record(record)) ++malformed;
    ++kinds[record.kind];
    if (mark) marks_[record.source] = *mark;
    co_return Appended{1, false, false};
}

Task<Result<std::optional<SourceMark>>> CountingSink::last_mark(std::string source) {
    const auto found = marks_.find(source);
    co_return found == marks_.end() ? std::optional<SourceMark>() : std::optional(found->second);
}

struct Siege::Lane {
    std::string id;
    HostileCamera camera;
    LiveFeed live;
    std::unique_ptr<LiveViewer> viewer; ///< in every other conversation somebody looks on
    std::unique_ptr<Camera> driver;
    std::uint64_t seed = 0;
};

Siege::Siege(const Films& films, const fs::path& folder, std::size_t lanes)
    : films_(films), folder_(folder), surroundings_{real_.loop, real_.clock, entropy_, *real_.network},
      children_(net::make_system_children(real_.loop)) {
    for (std::size_t i = 0; i < lanes; ++i) {
        auto lane = std::make_unique<Lane>();
        lane->id = "hostile-" + std::to_string(i);
        fs::create_directories(folder_ / lane->id);
        lanes_.push_back(std::move(lane));
    }
}

Siege::~Siege() = default;

std::unique_ptr<Camera> Siege::make_camera(const std::string& id, std::uint16_t port, const std::string& path, LiveFeed& live,
                                           std::function<void(Segment)> closed, const harness::CameraOptions* account) {
    drivers::DeviceInfo device;
    device.id = id;
    device.driver = "rtsp";
    device.address = {"127.0.0.1", port};
    device.options = {{"path", path}, {"segment_s", "2"}};
    if (account != nullptr) {
        device.username = account->user;
        device.password = account->password;
    }
    RecordingRules rules;
    rules.folder = folder_.string();
    auto configuration = configuration_of(device, rules);
    if (!configuration) throw harness::Trouble(configuration.error().what());
    Camera::Parts parts{surroundings_, *children_, tests::program_path("gatehouse-media"), live, std::move(closed)};
    return std::make_unique<Camera>(device, std::move(*configuration), std::move(parts));
}

// ---- hostile ones

Task<Error> Siege::converse(Lane& lane, std::uint64_t seed) {
    lane.seed = seed;
    lane.viewer.reset();
    if (seed % 2 == 0)
        if (auto viewer = lane.live.view()) lane.viewer = std::move(*viewer);
    const auto closed = [this, &lane](Segment segment) { judge_segment(lane, segment); };
    lane.driver = make_camera(lane.id, lane.camera.port(), "/gate", lane.live, closed);
    const auto began = real_.clock.steady_now();
    auto error = co_await lane.driver->run(sink_);
    lane.driver.reset();
    judge(lane, seed, error, std::chrono::duration<double>(real_.clock.steady_now() - began).count());
    co_return error;
}

void Siege::judge(const Lane&, std::uint64_t seed, const Error& error, double took_s) {
    const std::string words = error.what();
    const auto at = "seed " + std::to_string(seed) + ": ";
    ++toll_.conversations;
    ++toll_.words[words];
    toll_.longest_s = std::max(toll_.longest_s, took_s);
    if (words.find("killed by signal") != words.npos || words.find("the worker hangs") != words.npos) toll_.deaths.emplace_back(seed, words);
    if (words.empty() || words.find("is no message") != words.npos || words.find("another camera's") != words.npos ||
        words.find("ended with 0") != words.npos)
        toll_.faults.push_back(at + "'" + words + "'");
    if (took_s > 30) toll_.faults.push_back(at + "took " + std::to_string(took_s) + " s");
}

// What the worker says of a segment is what lies there, and can be played.
void Siege::judge_segment(const Lane& lane, const Segment& segment) {
    const auto at = "seed " + std::to_string(lane.seed) + ": segment ";
    const auto path = folder_ / lane.id / segment.file;
    const auto content = harness::read_file(path);
    ++toll_.segments;
    for (const auto& fragment : segment.fragments) toll_.frames += fragment.frames;
    if (content.size() != segment.bytes || sha256(content) != segment.sha256) toll_.faults.push_back(at + "is not what was told");
    const playback::ReadAt read = [&](std::uint64_t offset, std::size_t bytes) -> Result<Bytes> {
        const auto piece = std::string_view(content).substr(std::min<std::size_t>(offset, content.size()), bytes);
        return Bytes(piece.begin(), piece.end());
    };
    const auto scanned = playback::scan(content.size(), read);
    if (!scanned || scanned->fragments.size() != segment.fragments.size() || scanned->whole_bytes != content.size())
        toll_.faults.push_back(at + "cannot be read back");
    fs::remove(path);
}

Task<void> Siege::work(Lane& lane) {
    while (next_ < end_) {
        const auto seed = next_++;
        lane.camera.play(hostile(films_, seed));
        std::ignore = co_await converse(lane, seed);
    }
}

Task<bool> Siege::work_all() {
    std::vector<Task<void>> working;
    for (auto& lane : lanes_) working.push_back(work(*lane));
    co_await all(std::move(working));
    co_return true;
}

Toll Siege::run(std::uint64_t first, std::size_t count) {
    toll_ = {};
    next_ = first;
    end_ = first + count;
    std::size_t played_before = 0, played = 0;
    for (const auto& lane : lanes_) played_before += lane->camera.played();
    real_.run<bool>(work_all());
    for (const auto& lane : lanes_) played += lane->camera.played();
    toll_.played = played - played_before;
    return std::move(toll_);
}

// ---- a given one

Task<void> Siege::watch(Lane& lane, std::function<void(int pid)> at_pictures) {
    while (!lane.driver || !lane.driver->pid() || !lane.driver->picture()) co_await real_.clock.sleep_for(std::chrono::milliseconds(1));
    if (at_pictures) at_pictures(*lane.driver->pid());
    for (;;) co_await real_.clock.sleep_for(std::chrono::hours(1));
}

Task<bool> Siege::one(std::function<void(int pid)> at_pictures) {
    const auto talk = [](Siege& self) -> Task<void> { std::ignore = co_await self.converse(*self.lanes_[0], 1); };
    auto talking = talk(*this);
    auto watching = watch(*lanes_[0], std::move(at_pictures));
    co_await first_of(std::move(talking), std::move(watching));
    co_return true;
}

Toll Siege::run_one(Exchange exchange, std::function<void(int pid)> at_pictures) {
    toll_ = {};
    lanes_[0]->camera.play(std::move(exchange));
    real_.run<bool>(one(std::move(at_pictures)));
    return std::move(toll_);
}

// ---- the good one

Task<void> Siege::beside(std::unique_ptr<Camera> camera) {
    const auto error = co_await camera->run(sink_);
    beside_ended_ = error.what();
    beside_over_.set();
}

void Siege::record_beside(const harness::IpCamera& camera) {
    fs::create_directories(folder_ / "good");
    const auto closed = [this](Segment segment) {
        for (const auto& fragment : segment.fragments) frames_beside_ += fragment.frames;
    };
    real_.loop.spawn("good camera", beside(make_camera("good", camera.rtsp_port(), "/main", live_beside_, closed, &camera.options())));
}

std::size_t Siege::frames_beside() {
    const auto wait = [](Event& over) -> Task<bool> {
        co_await over.wait();
        co_return true;
    };
    real_.run<bool>(wait(beside_over_));
    return frames_beside_;
}

} // namespace gatehouse::hostile
