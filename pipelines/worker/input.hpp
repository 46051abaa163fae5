// SPDX-License-Identifier: Apache-2.0
//
// A camera as packets: RTSP, RTMP, HLS, MPEG-TS or a file, by libav. Every call of libav stands under a deadline of ours, asked by its
// interrupt callback ten times a second; whether time was up is told from that deadline, never from libav's code, which lies (5.1: an
// interrupted open answers "invalid data").
#pragma once

#include "daemon/base/clock.hpp"
#include "pipelines/link/message.hpp"
#include "pipelines/worker/av.hpp"
#include "pipelines/worker/parameter_sets.hpp"

#include <functional>
#include <optional>

namespace gatehouse::pipelines {

constexpr Duration open_limit = std::chrono::seconds(10);
constexpr Duration silence_limit = std::chrono::seconds(4); ///< without a frame of video the camera is lost: noticed within 5 s
constexpr Duration close_limit = std::chrono::milliseconds(300);

/// A frame of video in Annex B form, or a packet of audio, with the camera's times in ticks_per_s.
struct Frame {
    bool is_video = false;
    av::Packet packet;
    std::optional<std::int64_t> decode, present;
    bool key = false;
    bool late = false;            ///< it came earlier than it is given out: libav held it until time was up
    std::optional<Time> taken_at; ///< the camera's clock when it was taken, by its sender reports
};

/// The audio track, if it is one that goes into an MP4 as it is.
struct AudioTrack {
    av::Parameters parameters;
    int ticks_per_s = 0; ///< its own clock
};

class Input {
public:
    /// `is_over`: asked often, also while nothing comes; true ends every call. Opens the camera and finds its tracks.
    static Result<std::unique_ptr<Input>> open(const Configuration& configuration, Clock& clock, std::function<bool()> is_over);
    ~Input();

    /// The next frame of the tracks that are recorded. Fault::timed_out: no video for silence_limit. gone: the stream ended, or `is_over`.
    Result<Frame> read();

    VideoCodec codec() const { return codec_; }
    /// Parameter sets that the camera declared before its first frame; may be empty. Annex B.
    Bytes declared_sets() const;
    std::uint32_t frames_per_1000_s() const;
    /// None, or not yet known: an audio track of MPEG-TS is known at its first packet.
    const std::optional<AudioTrack>& audio() const { return audio_; }
    /// "aac", "pcm_alaw (not recorded)", "".
    std::string audio_name() const;

private:
    Input(Clock& clock, std::function<bool()> is_over);
    static int interrupted(void* self);
    void allow(Duration limit);
    Error failed(int code, const std::string& doing) const;
    Done find_tracks(bool is_rtsp);
    Done set_up_filters();
    /// False: nothing of it is recorded.
    Result<bool> take(AVPacket& packet, Frame& frame);
    void look_at_sender_report(const AVPacket& packet, Frame& frame) const;

    Clock& clock_;
    std::function<bool()> is_over_;
    Instant deadline_{}, next_question_{};
    bool time_was_up_ = false, was_over_ = false;
    AVFormatContext* format_ = nullptr;
    int video_ = -1, audio_stream_ = -1;
    VideoCodec codec_ = VideoCodec::h264;
    av::Filter to_annex_b_; ///< sources that carry lengths in place of start codes
    av::Filter without_adts_;
    std::optional<AudioTrack> audio_;
    Instant video_due_{};
};

/// `url` with user name and password in it, percent-encoded; nowhere else do they stand together.
std::string with_credentials(const std::string& url, const std::string& username, const std::string& password);

/// What libav may open for a URL of this scheme, so that a playlist cannot name a file. Empty: a scheme that we don't take.
std::string protocols_of(const std::string& url);

} // namespace gatehouse::pipelines
