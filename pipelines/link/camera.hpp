// SPDX-License-Identifier: Apache-2.0
//
// A camera as the daemon sees it: a driver whose conversation is one worker process. It starts the worker, hands it address and password
// over the link, believes nothing that comes back without judging it, and kills it when it hangs, lies or floods. Retry is the
// supervisor's, as for every device, and a new conversation is a fresh process.
#pragma once

#include "daemon/net/child_process.hpp"
#include "drivers/driver.hpp"
#include "drivers/outage.hpp"
#include "pipelines/link/camera_look.hpp"
#include "pipelines/link/codec.hpp"
#include "pipelines/link/live_feed.hpp"
#include "pipelines/link/recording_switch.hpp"

#include <deque>

namespace gatehouse::pipelines {

constexpr Duration heartbeat_limit = std::chrono::seconds(5); ///< a worker that is silent for longer is killed
constexpr std::size_t crashes_max = 5;                        ///< in crash_window, then the camera is left alone for half an hour
constexpr Duration crash_window = std::chrono::minutes(1);
constexpr Duration gap_min = std::chrono::seconds(1);           ///< a shorter hole is the time between two frames
constexpr Duration outage_word_limit = std::chrono::seconds(3); ///< a camera is silent to us before the UPS has told why
constexpr Duration goodbye_limit = std::chrono::seconds(5);

/// What holds for all cameras of a site, unless a camera's own options say otherwise.
struct RecordingRules {
    std::string folder; ///< each camera has its own in it
    std::uint32_t segment_s = 60;
    std::string policy = "always"; ///< "always", "on_event", "scheduled", "off"
    std::string schedule = "mon-sun 00:00-24:00";
    std::uint32_t preroll_s = 10, postroll_s = 10; ///< "on_event"; the first of "scheduled" too
    bool watch = false;
    std::string models; ///< where a model is looked for by its name
};

constexpr Duration rate_window = std::chrono::seconds(5); ///< that CameraLook's rates are of, at least
constexpr Duration snapshot_limit = std::chrono::seconds(5);

/// What a device's options (README) make of a worker. The URL's host stands as the device names it. Fault::malformed names the option.
Result<Configuration> configuration_of(const drivers::DeviceInfo& device, const RecordingRules& rules);
/// The same for the camera's second stream, which is looked at and never recorded; none: it names none.
Result<std::optional<Configuration>> sub_configuration_of(const drivers::DeviceInfo& device, const RecordingRules& rules);
/// A worker can't look names up: `address` in the place of the `host` that its URL names.
Configuration at_address(Configuration configuration, const std::string& host, const std::string& address);
/// The same options as what the camera's switch goes by. `zone`: of its schedule.
Result<RecordingPlan> recording_plan_of(const drivers::DeviceInfo& device, const RecordingRules& rules, std::chrono::minutes zone);

class Camera final : public drivers::Driver {
public:
    struct Parts {
        drivers::Surroundings surroundings;
        net::Children& children;
        std::string program; ///< gatehouse-media
        LiveFeed& live;      ///< outlives the camera
        /// Where a whole segment goes; called in the order in which they were closed.
        std::function<void(Segment)> closed;
        /// A hole in the recordings, as recording.gap tells it.
        std::function<void(Time from, Time to, const std::string& cause)> missed = {};
        /// Which walls a worker of this camera stands in.
        std::function<void(const Ready&)> walls = {};
        /// How far the index has recordings of this camera; none: it has none. Asked once.
        std::function<std::optional<Time>()> recorded_until = {};
        /// The camera's folder is made, or found; asked at each beginning.
        std::function<Task<Done>(std::string folder)> make_folder = {};
        /// Outlives the camera; none: a silence is never put down to the mains.
        const drivers::Outage* outage = nullptr;
        std::string policy = "always"; ///< for look()
        /// What lives as long as the camera.
        std::shared_ptr<void> beside = nullptr;
        /// When it is recorded: shared, so that other devices' events reach it. None: always.
        std::shared_ptr<RecordingSwitch> recording = nullptr;
        /// False: another part of the same device says device.online.
        bool tells_online = true;
    };
    Camera(drivers::DeviceInfo device, Configuration configuration, Parts parts);
    ~Camera() override;

    /// Ends when the worker has ended. Cancelled, it lets the worker finish its segment first, goodbye_limit long at most.
    /// Fault::refused: a wrong password, or crashes_max crashes in crash_window (the alarm has been raised).
    Task<Error> run(RecordSink& sink) override;
    drivers::DeviceStatus status() const override { return status_; }
    bool tells_its_losses() const override { return true; }

    /// A file of the folder that the index does not know is to be told as a segment.
    void adopt(std::string file);

    CameraLook look() const;
    /// The newest key frame as a JPEG; who asks while another asks gets the same one. Fault::gone: no picture comes; malformed: the worker could
    /// make none of it.
    Task<Result<SnapshotTaken>> snapshot();

    /// Of the last worker; none: it never said.
    const std::optional<Ready>& walls() const { return walls_; }
    const std::optional<Opened>& picture() const { return picture_; }
    const Heartbeat& counts() const { return counts_; }
    std::optional<int> pid() const;

private:
    enum class Known { nothing, here, lost, dark };

    Task<void> converse(RecordSink& sink, std::optional<Error>& over);
    Task<Result<Configuration>> prepare(RecordSink& sink);
    Task<void> listen(RecordSink& sink, std::optional<Error>& over);
    Task<void> talk(Configuration configuration);
    Task<Done> say(Down message);
    Task<Result<bool>> hear(RecordSink* sink); ///< false: the worker hung up
    Task<Error> explain_end();
    Task<void> say_goodbye();
    Task<void> tell_loss(RecordSink& sink, const Error& error);
    Task<std::optional<std::string>> outage_behind();
    Task<Error> judge_crash(RecordSink& sink, Error error);

    Task<Done> take(RecordSink* sink, Up message);
    Task<void> append(RecordSink& sink, Record record);
    Record record_of(Kind kind) const;
    Task<void> tell_opened(RecordSink& sink);
    Task<void> tell_gap(RecordSink& sink, Time started_at);
    Task<void> tell_seen(RecordSink& sink, Saw saw);

    drivers::DeviceInfo device_;
    Configuration configuration_;
    Parts parts_;
    drivers::DeviceStatus status_;

    std::unique_ptr<net::ChildProcess> child_;
    FrameReader reader_{up_frame_bytes_max};
    Bytes buffer_;
    Instant heard_alive_{}, quiet_until_{};
    std::optional<Error> lost_; ///< the worker's own word
    bool crashed_ = false;
    bool told_recording_ = false, told_live_ = false;
    std::deque<std::string> to_adopt_;
    Event wishes_;

    std::optional<Ready> walls_;
    std::optional<Opened> picture_;
    Heartbeat counts_;
    Heartbeat counted_from_; ///< where the present rate_window began
    Instant window_began_{};
    std::uint64_t bits_per_s_ = 0, frames_per_1000_s_ = 0;
    std::optional<Time> last_fragment_at_;

    /// Outlives the camera while somebody waits.
    struct SnapshotAsked {
        std::optional<Result<SnapshotTaken>> answer;
        Event answered;
    };
    static Task<Result<SnapshotTaken>> answer_of(std::shared_ptr<SnapshotAsked> asked);
    void answer_snapshot(Result<SnapshotTaken> answer);
    void measure(const Heartbeat& heartbeat);
    std::shared_ptr<SnapshotAsked> snapshot_asked_;
    bool told_snapshot_ = false;

    bool remembers_ = false; ///< what the log knows of this camera was asked for
    Known known_ = Known::nothing;
    Time lost_since_{};
    std::string outage_; ///< dark: the id of its power.lost
    std::optional<Time> recorded_until_;
    std::string gap_cause_ = "the gateway was not running";
    std::deque<Instant> crashes_;
    bool quarantined_ = false;
};

} // namespace gatehouse::pipelines
