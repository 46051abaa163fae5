// SPDX-License-Identifier: Apache-2.0
//
// Hostile conversations by the thousand, each with a worker process of its own behind the daemon's end of the link (pipelines::Camera), some
// side by side; beside them a good camera that is recorded all the time.
#pragma once

#include "pipelines/link/camera.hpp"
#include "tests/harness/cameras.hpp"
#include "tests/harness/temp_dir.hpp"
#include "tests/hostile_streams/camera.hpp"
#include "tests/unit/daemon/net/on_loop.hpp"

#include <map>

namespace gatehouse::hostile {

/// Counts what is asked to be recorded in the log; keeps nothing.
class CountingSink final : public RecordSink {
public:
    Task<Result<Appended>> append(Record record, std::optional<SourceMark> mark) override;
    Task<Result<std::optional<SourceMark>>> last_mark(std::string source) override;
    void hand_over(Record record) override { ++kinds[record.kind]; }
    std::map<Kind, std::size_t> kinds;
    std::size_t malformed = 0;

private:
    std::map<std::string, SourceMark> marks_;
};

/// What came of a number of conversations.
struct Toll {
    std::size_t conversations = 0, played = 0;
    std::map<std::string, std::size_t> words; ///< the daemon's sentence of how each ended, digits and all
    /// Worker deaths: the seed, and the daemon's sentence.
    std::vector<std::pair<std::uint64_t, std::string>> deaths;
    std::vector<std::string> faults; ///< what must never be: each a sentence with its seed
    std::size_t segments = 0, frames = 0;
    double longest_s = 0;
};

class Siege {
public:
    Siege(const Films& films, const std::filesystem::path& folder, std::size_t lanes);
    ~Siege();

    /// Conversations of the seeds from `first` on, `count` of them.
    Toll run(std::uint64_t first, std::size_t count);
    /// One conversation that is given, by the first lane. `at_pictures` runs as soon as the worker has told of the camera's picture.
    Toll run_one(Exchange exchange, std::function<void(int pid)> at_pictures = {});
    /// Records this camera beside all that comes; ends when the camera hangs up.
    void record_beside(const harness::IpCamera& camera);
    /// After the camera has hung up: frames in its segments.
    std::size_t frames_beside();
    const std::string& ended_beside() const { return beside_ended_; }

private:
    struct Lane;
    Task<Error> converse(Lane& lane, std::uint64_t seed);
    Task<void> work(Lane& lane);
    Task<bool> work_all();
    Task<void> watch(Lane& lane, std::function<void(int pid)> at_pictures);
    Task<bool> one(std::function<void(int pid)> at_pictures);
    Task<void> beside(std::unique_ptr<pipelines::Camera> camera);
    void judge(const Lane& lane, std::uint64_t seed, const Error& error, double took_s);
    void judge_segment(const Lane& lane, const pipelines::Segment& segment);
    std::unique_ptr<pipelines::Camera> make_camera(const std::string& id, std::uint16_t port, const std::string& path, pipelines::LiveFeed& live,
                                                   std::function<void(pipelines::Segment)> closed, const harness::CameraOptions* account = nullptr);

    const Films& films_;
    std::filesystem::path folder_;
    net::OnLoop real_;
    SeededEntropy entropy_{1};
    drivers::Surroundings surroundings_;
    std::unique_ptr<net::Children> children_;
    CountingSink sink_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::uint64_t next_ = 0, end_ = 0;
    Toll toll_;
    pipelines::LiveFeed live_beside_;
    std::size_t frames_beside_ = 0;
    std::string beside_ended_;
    Event beside_over_;
};

} // namespace gatehouse::hostile
