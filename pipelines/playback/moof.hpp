// SPDX-License-Identifier: Apache-2.0
//
// A movie fragment's head (moof; ISO/IEC 14496-12, 8.8.4 to 8.8.12): how long it plays, whether playing can begin with it, and where the
// numbers stand that must change when it is put at another time and place.
#pragma once

#include "pipelines/playback/movie.hpp"

namespace gatehouse::pipelines::playback {

constexpr std::size_t moof_bytes_max = 256 * 1024;
constexpr std::size_t track_fragments_max = 64;
constexpr std::uint32_t fragment_frames_max = 65'535;

/// One track's part of a fragment (traf).
struct TrackFragment {
    std::uint32_t track = 0;
    std::uint64_t decode_time = 0; ///< tfdt: ticks of its track
    std::size_t decode_time_at = 0;
    std::uint8_t decode_time_bytes = 0; ///< 4 or 8
    std::optional<std::size_t> base_offset_at;
    std::uint64_t base_offset = 0; ///< from the beginning of the file, where data is counted that way
    std::uint64_t duration = 0;    ///< of its samples, ticks
    std::uint32_t frames = 0;
    bool key = false; ///< its first sample is a sync sample
};

struct Moof {
    std::size_t sequence_at = 0;
    std::vector<TrackFragment> parts;

    const TrackFragment* part_of(std::uint32_t track) const;
};

/// `moof`: the whole box. Fault::malformed, full (bounds).
Result<Moof> read_moof(ByteView moof, const Movie& movie);

/// Where a fragment goes.
struct Move {
    std::uint32_t sequence = 0;
    std::uint64_t offset_before = 0, offset_after = 0; ///< of its moof, in bytes
    std::int64_t later_ticks = 0;                      ///< of the video track
};

/// Writes sequence number, decode times and absolute offsets anew, in place. Other tracks move by the same time; none before 0.
/// Fault::unsupported: a time that its 32 bits do not hold.
Done move_fragment(std::span<std::uint8_t> moof, const Moof& read, const Movie& movie, const Move& move);

} // namespace gatehouse::pipelines::playback
