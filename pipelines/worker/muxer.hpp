// SPDX-License-Identifier: Apache-2.0
//
// Frames as fragmented MP4, by libav's mov muxer: what the camera sent, not a bit of it encoded anew. The muxer writes into memory; whoever
// asks for a fragment gets its bytes.
#pragma once

#include "pipelines/link/segment.hpp"
#include "pipelines/playback/moof.hpp"
#include "pipelines/worker/input.hpp"
#include "pipelines/worker/stream_clock.hpp"

namespace gatehouse::pipelines {

struct VideoTrack {
    VideoCodec codec = VideoCodec::h264;
    Bytes sets; ///< Annex B
    std::uint16_t width = 0, height = 0;
};

class Muxer {
public:
    /// Its init part is there at once.
    static Result<std::unique_ptr<Muxer>> make(const VideoTrack& video, const AudioTrack* audio);
    ~Muxer();

    const Bytes& init() const { return init_; }
    /// What the init part declares.
    const playback::Movie& movie() const { return movie_; }
    bool has_audio() const { return audio_ >= 0; }

    /// In the order of decoding; times from the segment's first frame, in ticks_per_s. Fault::malformed: the muxer refused the frame, which
    /// is left out.
    Done write_video(AVPacket& packet, Stamps stamps, std::int64_t duration_ticks, bool key);
    Done write_audio(AVPacket& packet, std::int64_t decode_ticks, std::int64_t duration_ticks);

    /// What was written since the last one, as one fragment; `bytes` of it is its length, `offset` 0. None: no video was.
    struct Made {
        Fragment fragment;
        Bytes bytes;
    };
    Result<std::optional<Made>> fragment();

private:
    Muxer() = default;
    static int keep(void* self, std::uint8_t* bytes, int count);
    Done begin(const VideoTrack& video, const AudioTrack* audio);
    Done write(AVPacket& packet, int stream, std::int64_t decode, std::int64_t present, std::int64_t duration);

    AVFormatContext* format_ = nullptr;
    AVIOContext* io_ = nullptr;
    Bytes kept_, init_;
    playback::Movie movie_;
    int audio_ = -1;
    std::size_t frames_ = 0;
};

/// What a key frame and its parameter sets say of the picture's size, by libav's parser: nothing is decoded. Fault::malformed: nothing
/// that can be believed.
Result<VideoTrack> describe(VideoCodec codec, const ParameterSets& sets, ByteView key_frame);

} // namespace gatehouse::pipelines
