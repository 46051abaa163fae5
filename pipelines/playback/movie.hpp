// SPDX-License-Identifier: Apache-2.0
//
// The init part of a segment (ftyp, moov; ISO/IEC 14496-12, 8.2 to 8.8): its tracks, how a browser is asked whether it can play them, and
// whether the fragments of another segment can be played after it without a new init.
#pragma once

#include "pipelines/playback/box.hpp"

#include <string>
#include <vector>

namespace gatehouse::pipelines::playback {

constexpr std::size_t init_bytes_max = 256 * 1024;
constexpr std::size_t tracks_max = 8;
constexpr std::uint32_t timescale_max = 1'000'000;      ///< ticks a second
constexpr std::uint64_t decode_ticks_max = 1ull << 42;  ///< a year and a half at 90 kHz
constexpr std::int64_t segment_seconds_max = 24 * 3600; ///< from a file's first frame to its last one
static_assert(decode_ticks_max <= static_cast<std::uint64_t>(INT64_MAX) / timescale_max, "a time in another timescale stays within 64 bits");

struct Track {
    std::uint32_t id = 0;
    std::uint32_t timescale = 0; ///< ticks a second
    FourCc handler = 0;          ///< "vide", "soun", …
    std::string codec;           ///< RFC 6381: "avc1.64001f"; the sample entry's type where no more is known of it
    std::uint16_t width = 0, height = 0;
    // trex, 8.8.3: what a fragment leaves out.
    std::uint32_t default_duration = 0, default_bytes = 0, default_flags = 0;
    Bytes decoding; ///< stsd, trex and edit list as they stand: equal bytes are decoded and timed alike

    bool is_video() const { return handler == four("vide"); }
};

struct Movie {
    std::uint32_t timescale = 0;
    std::vector<Track> tracks;
    std::size_t video = 0; ///< which of them: the first one that is video

    const Track& video_track() const { return tracks[video]; }
    const Track* track(std::uint32_t id) const;
    /// "avc1.64001f, mp4a.40.2"
    std::string codecs() const;
};

/// Fault::malformed, full (bounds), unsupported: no video track, no fragments to come (mvex).
Result<Movie> read_movie(ByteView init);

/// Fragments made for `next` can be played under the init of `one`: same tracks with same numbers, timescales, sample entries (which hold the
/// parameter sets), defaults and edit lists.
bool may_follow(const Movie& one, const Movie& next);

/// The init with the movie's whole length in it (mehd, 8.8.2): browsers show it and let seek before they have read any further.
/// `duration` in the movie's timescale. REQUIRES: read_movie() took it.
Bytes with_duration(ByteView init, std::uint64_t duration);

} // namespace gatehouse::pipelines::playback
