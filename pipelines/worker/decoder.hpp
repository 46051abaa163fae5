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
    /// `sets`: what the camera declared, Annex B; may be empty. `keys_only`: it will be given key frames alone.
    static Result<std::unique_ptr<Decoder>> open(VideoCodec codec, const Bytes& sets, bool keys_only);

    /// The picture that this frame, or one before it, makes; none yet: more frames are needed. Valid until the next call.
    Result<const AVFrame*> decode(const AVPacket& packet);

private:
    Decoder() = default;
    av::Context context_;
    av::Picture picture_;
    bool keys_only_ = false;
};

/// A JPEG (ISO/IEC 10918-1) of `picture`, as large as it is, in `bytes_max` bytes at most. Fault::unsupported: a form of pixels that cameras don't
/// send; full: it does not fit.
Result<Bytes> jpeg_of(const AVFrame& picture, std::size_t bytes_max);

} // namespace gatehouse::pipelines
