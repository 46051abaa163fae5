// SPDX-License-Identifier: Apache-2.0
//
// What we must know of a fragmented MP4 (ISO/IEC 14496-12) to index it, and to mend one that was left unfinished: the video track of its
// moov, and each moof. Our own few lines, without libav, on bytes that a power cut may have mangled.
#pragma once

#include "pipelines/link/segment.hpp"

#include <optional>

namespace gatehouse::pipelines {

constexpr std::size_t box_header_bytes = 8;

/// A box's length (header included) and type; Fault::malformed: shorter than its header, or of 64 bits, which we never write.
struct BoxHeader {
    std::uint32_t bytes = 0;
    std::uint32_t type = 0; ///< as in box_type("moof")
};
Result<BoxHeader> read_box_header(ByteView header);

constexpr std::uint32_t box_type(const char (&name)[5]) {
    std::uint32_t type = 0;
    for (std::size_t i = 0; i < 4; ++i) type = type << 8 | static_cast<std::uint8_t>(name[i]);
    return type;
}

/// The video track as the init part declares it.
struct InitFacts {
    std::uint32_t video_track = 0;
    std::uint32_t timescale = 0;
    std::string codecs; ///< RFC 6381 and ISO/IEC 14496-15, Annex E: "avc1.64001f, mp4a.40.2"
    std::uint16_t width = 0, height = 0;
    struct Track {
        std::uint32_t id = 0, timescale = 0;
    };
    std::vector<Track> tracks; ///< all of them
};

/// `init`: ftyp and moov. Fault::malformed when a box reaches over its parent or there is no video.
Result<InitFacts> read_init(ByteView init);

/// The video of one moof: `bytes` is that of the moof alone, `offset` is 0. A moof without video has no frames.
Result<Fragment> read_moof(ByteView moof, const InitFacts& init);

/// `fragment`: a moof that our muxer wrote, and whatever follows it. Its decode times (tfdt, 8.8.12, of 64 bits) are `ticks` of the video track
/// later afterwards, those of other tracks by the same time. Fault::malformed: as above, and then some may be changed.
Done delay_fragment(Bytes& fragment, const InitFacts& init, std::int64_t ticks);

} // namespace gatehouse::pipelines
