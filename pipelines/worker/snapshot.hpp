// SPDX-License-Identifier: Apache-2.0
//
// A key frame as a JPEG: decoded and encoded by libav, only when somebody asks, in the process that stands in its walls. A frame that
// breaks a decoder breaks this camera's worker and nothing else, as everything else that a camera sends.
#pragma once

#include "pipelines/link/message.hpp"
#include "pipelines/worker/av.hpp"
#include "pipelines/worker/parameter_sets.hpp"

namespace gatehouse::pipelines {

struct KeyFrame {
    VideoCodec codec = VideoCodec::h264;
    Bytes sets;        ///< Annex B
    av::Packet packet; ///< Annex B; null: there is none
    Time arrived_at{};
};

/// The picture, of the frame's own size, or the flaw that there is none for. Takes some ten milliseconds at 1080p.
SnapshotTaken snapshot_of(const KeyFrame& frame);

} // namespace gatehouse::pipelines
