// SPDX-License-Identifier: Apache-2.0
//
// What a segment's file holds, read from the file itself: for files that a crash left without a row. Whole fragments count; what was cut off
// behind the last of them does not.
#pragma once

#include "pipelines/link/segment.hpp"
#include "pipelines/playback/moof.hpp"

#include <functional>

namespace gatehouse::pipelines::playback {

constexpr std::size_t scanned_fragments_max = 16'384; ///< of a file; a segment has one or two a second
constexpr std::size_t scanned_boxes_max = 4 * scanned_fragments_max;

/// At most `bytes` bytes from `offset` on; fewer only at the file's end.
using ReadAt = std::function<Result<Bytes>(std::uint64_t offset, std::size_t bytes)>;

struct Scanned {
    Movie movie;
    std::uint32_t init_bytes = 0;
    std::vector<Fragment> fragments; ///< `start_ticks` from the first one's video on
    std::uint64_t whole_bytes = 0;   ///< up to here the file is good
    std::uint64_t duration_ticks() const;
};

/// Reads headers and moofs, never the pictures. Fault::malformed: no init part that says what fragments mean. Bounds: Fault::full. Damage
/// behind the first whole fragment is no error: the file is good up to there.
Result<Scanned> scan(std::uint64_t file_bytes, const ReadAt& read);

/// What the worker would have said of it: all but camera, stream, file, hash and times.
Segment segment_of(const Scanned& scanned);

} // namespace gatehouse::pipelines::playback
