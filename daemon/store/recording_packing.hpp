// SPDX-License-Identifier: Apache-2.0
//
// A segment's fragments as a few bytes each. A fragment is a byte of flags and then, as LEB128 numbers, only what does not follow from the one
// before it: offset (else right behind it), start (else at its end), duration and frames (else the same), and always its length. Worked
// example, a 1 s fragment of 250,000 bytes that begins with a key frame, behind another such: 1f 90 a1 0f.
#pragma once

#include "pipelines/link/segment.hpp"

namespace gatehouse::store {

constexpr std::size_t segment_fragments_max = 16'384;

/// REQUIRES: starts and offsets do not go back.
Bytes pack_fragments(const std::vector<pipelines::Fragment>& fragments);
/// Fault::damaged: these bytes were not packed so, or hold more than segment_fragments_max.
Result<std::vector<pipelines::Fragment>> unpack_fragments(ByteView packed);

} // namespace gatehouse::store
