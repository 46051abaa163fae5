// SPDX-License-Identifier: Apache-2.0
//
// Decoded pictures as JPEG (ISO/IEC 10918-1, JFIF), by libavcodec.
#pragma once

#include "daemon/base/bytes.hpp"
#include "pipelines/worker/av.hpp"

namespace gatehouse::pipelines {

/// `picture`, as large as it is, in `bytes_max` bytes at most, ever coarser until it fits. Fault::unsupported: a form of pixels that cameras don't
/// send; full: it does not fit. Any thread.
Result<Bytes> jpeg_of(const AVFrame& picture, std::size_t bytes_max);

} // namespace gatehouse::pipelines
