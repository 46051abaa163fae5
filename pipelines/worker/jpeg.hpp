// SPDX-License-Identifier: Apache-2.0
//
// Decoded pictures as JPEG (ISO/IEC 10918-1, JFIF), by libavcodec.
#pragma once

#include "daemon/base/bytes.hpp"
#include "pipelines/worker/av.hpp"

namespace gatehouse::pipelines {

struct Jpeg {
    std::uint16_t width = 0, height = 0;
    Bytes bytes;
};

/// `picture` in `bytes_max` bytes at most, ever coarser until it fits; as large as it is, or smaller by a whole factor where it is wider than
/// `width_max` (0: any width). Fault::unsupported: a form of pixels that cameras don't send; full: it does not fit. Any thread.
Result<Jpeg> jpeg_of(const AVFrame& picture, std::size_t bytes_max, int width_max = 0);

} // namespace gatehouse::pipelines
