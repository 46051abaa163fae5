// SPDX-License-Identifier: Apache-2.0
//
// The thread that watches: decodes what is worth it and shows it to pipelines/watch. It is handed frames that the recorder has too, through a
// queue with a bound; what does not fit is not watched, and recording never waits.
#pragma once

#include "pipelines/link/message.hpp"
#include "pipelines/watch/watcher.hpp"
#include "pipelines/worker/decoder.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace gatehouse::pipelines {

constexpr std::size_t unseen_frames_max = 128, unseen_bytes_max = 8 * 1024 * 1024; ///< five seconds of 25 pictures
constexpr std::size_t sights_max = 64;                                             ///< that wait to be told
constexpr Duration between_keys = std::chrono::milliseconds(900);                  ///< key frames that come faster are not all looked at
constexpr Duration between_pictures = std::chrono::milliseconds(150);              ///< where every frame is decoded: six of 25
constexpr Duration between_snapshots = std::chrono::seconds(10);                   ///< of motion; what is rarer always has one
constexpr Duration out_of_view = std::chrono::seconds(60);                         ///< who was not seen for so long has left

class Eyes {
public:
    /// Reads the model and wakes OpenCV, which wants files: before the walls stand. Fault::malformed: the rules.
    static Result<std::unique_ptr<Eyes>> open(const WatchRules& rules);
    ~Eyes();
    Eyes(const Eyes&) = delete;
    Eyes& operator=(const Eyes&) = delete;

    /// The camera's tracks are known: the thread begins.
    void begin(VideoCodec codec, Bytes declared_sets);
    /// A frame of video; never waits.
    void show(const AVPacket& packet, bool key, Time at);
    /// What was seen since it was asked last, in order.
    std::vector<Saw> sights();

    /// All that it was shown has been looked at.
    bool is_idle() const;

    /// Why the user's model is not used; empty: it is, or there is none.
    const std::string& model_fault() const { return model_fault_; }
    std::uint64_t unseen() const { return unseen_; } ///< frames that there was no room for
    std::uint64_t flaws() const { return flaws_; }   ///< that could not be decoded

private:
    struct Frame {
        av::Packet packet;
        Time at{};
    };
    explicit Eyes(watch::Watcher watcher);
    void run();
    std::optional<Frame> next();
    void look(const Frame& frame);
    void tell(const watch::Seen& seen, const AVFrame& picture);
    void say(Saw saw, const AVFrame& picture, bool is_rare);
    bool comes_into_view(const std::string& what, Time at);

    const bool keys_only_;
    std::string model_fault_;
    std::set<std::string> open_lines_; ///< of which every crossing is told
    std::optional<Time> shown_at_;     ///< the last key frame, where those alone are looked at
    bool waits_for_key_ = true;

    mutable std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Frame> frames_;
    std::size_t bytes_ = 0;
    std::vector<Saw> sights_;
    bool looking_ = false, ending_ = false;
    std::atomic<std::uint64_t> unseen_ = 0, flaws_ = 0;

    // The thread's own.
    watch::Watcher watcher_;
    std::unique_ptr<Decoder> decoder_;
    VideoCodec codec_ = VideoCodec::h264;
    Bytes declared_sets_;
    std::optional<Time> looked_at_, snapshot_at_;
    std::map<std::string, Time> in_view_; ///< when last
    std::thread thread_;
};

} // namespace gatehouse::pipelines
