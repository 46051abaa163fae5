// SPDX-License-Identifier: Apache-2.0
//
// From frames to segments and fragments: where a segment ends, where a fragment ends, what is kept before anything asks for it.
#pragma once

#include "pipelines/worker/child_end.hpp"
#include "pipelines/worker/muxer.hpp"
#include "pipelines/worker/segment_writer.hpp"
#include "pipelines/worker/snapshot.hpp"

namespace gatehouse::pipelines {

constexpr std::int64_t fragment_ticks_max = 2 * ticks_per_s;      ///< a crash loses no more than this
constexpr std::int64_t live_fragment_ticks_max = ticks_per_s / 2; ///< while somebody looks
constexpr std::size_t preroll_bytes_max = 12 * 1024 * 1024;
constexpr Duration disk_pause = std::chrono::seconds(1); ///< after the disk refused: the daemon makes room meanwhile
constexpr Duration key_frame_limit = std::chrono::seconds(30);

class Recorder {
public:
    Recorder(const Configuration& configuration, Clock& clock, SegmentWriter& writer, ChildEnd& link);

    /// The camera's tracks are known.
    void begin(VideoCodec codec, const Bytes& declared_sets, std::uint32_t frames_per_1000_s, std::string audio_name);
    /// `audio`: the audio track as far as it is known now.
    void take(Frame frame, const std::optional<AudioTrack>& audio);
    /// The segment that is open ends here.
    void finish(const std::string& why);

    void set_recording(bool on);
    void set_live(bool on);
    /// The writer gave up a segment.
    void disk_refused(const Error& error);

    /// Frames come, and nothing can be made of them: no whole key frame for key_frame_limit.
    bool is_stuck() const;
    /// The packet is empty before the first whole one. Shares its bytes with what is recorded.
    KeyFrame newest_key_frame() const;
    void count_into(Heartbeat& heartbeat) const;

private:
    /// A frame with its place in time.
    struct Pending {
        Frame frame;
        Stamps stamps;
        Time arrived_at{};
    };

    bool is_paused() const { return paused_until_ > clock_.steady_now(); }
    void take_video(Pending pending);
    void take_audio(Pending pending);
    Stamps place_audio(const Frame& frame);
    void keep_for_later(const Pending& pending);
    void trim_preroll();
    void step(Pending pending);
    void step_audio(Pending pending);
    void at_key_frame(const Pending& pending);
    bool may_begin() const { return live_ || (recording_ && !is_paused()); }
    void begin_segment(const Pending& pending);
    void write_held(std::int64_t duration_ticks);
    void cut(Time arrived_at);
    void end_segment(const std::string& why, Time ended_at, std::int64_t end_ticks);
    void say_init();
    void send_live(const Fragment& fragment, Time arrived_at, const Bytes& bytes);
    Done move_live(Bytes& bytes);
    void replay_preroll();

    const Configuration& configuration_;
    Clock& clock_;
    SegmentWriter& writer_;
    ChildEnd& link_;
    bool recording_, live_;

    VideoCodec codec_ = VideoCodec::h264;
    ParameterSets sets_{VideoCodec::h264};
    bool sets_changed_ = false;
    Opened opened_;
    bool told_opened_ = false;

    StreamClock video_clock_, audio_clock_{ticks_per_s / 50};
    std::optional<std::int64_t> video_in_; ///< the camera's time of its last frame
    std::int64_t video_out_ = 0;           ///< ours
    const AudioTrack* audio_ = nullptr;    ///< as far as it is known; the input's
    bool audio_placed_ = false;
    std::int64_t audio_out_ = 0;

    std::unique_ptr<Muxer> muxer_;
    Time segment_started_at_{};
    bool is_first_ = true;        ///< of this conversation
    bool on_disk_ = false;        ///< this muxer's fragments go to the writer
    std::optional<Pending> held_; ///< its length is known when the next one comes
    std::int64_t segment_begin_ = 0, fragment_begin_ = 0;
    std::uint64_t offset_ = 0;
    std::size_t fragments_ = 0;
    bool quiet_ = false; ///< the pre-roll is no live picture
    Bytes said_init_;
    std::optional<std::int64_t> live_begin_; ///< what decode time 0 of live fragments is
    std::uint32_t live_sequence_ = 0;
    av::Packet newest_key_;
    Time newest_key_at_{};

    std::deque<Pending> preroll_;
    std::size_t preroll_bytes_ = 0;
    Time last_arrival_{}, last_frame_at_{};
    Instant paused_until_{}, began_to_wait_{};
    std::uint64_t frames_ = 0, bytes_ = 0, flaws_ = 0, live_dropped_ = 0;
};

} // namespace gatehouse::pipelines
