// SPDX-License-Identifier: Apache-2.0
//
// Frames as pictures (libavcodec, in software): for watching and for snapshots, never for what is recorded.
#pragma once

#include "pipelines/worker/av.hpp"
#include "pipelines/worker/parameter_sets.hpp"

namespace gatehouse::pipelines {

constexpr std::int64_t picture_pixels_max = 8192ll * 4320; ///< a larger one is not decoded

/// One thread.
class Decoder {
public:
    /// To watch key frames or all frames, which need not look well; or a still of one key frame, for people. Of key frames it will be given no other.
    enum class Use { watch_keys, watch_all, still };
    /// `sets`: what the camera declared, Annex B; may be empty.
    static Result<std::unique_ptr<Decoder>> open(VideoCodec codec, const Bytes& sets, Use use);

    /// The picture that this frame, or one before it, makes; none yet: more frames are needed. Valid until the next call.
    Result<const AVFrame*> decode(const AVPacket& packet);

private:
    Decoder() = default;
    av::Context context_;
    av::Picture picture_;
    bool keys_only_ = false;
};

} // namespace gatehouse::pipelines
