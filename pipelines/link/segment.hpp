// SPDX-License-Identifier: Apache-2.0
//
// What a camera worker tells of a recording: plain values, without libav. A segment is one fragmented MP4 file (ISO/IEC 14496-12, brands
// iso5/iso6/mp41), an init part (ftyp, moov) and then fragments (moof, mdat), each beginning at its offset with nothing between them.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/sha256.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::pipelines {

/// One moof with its mdat. Units: bytes of the file; ticks of the segment's timescale.
struct Fragment {
    std::uint64_t offset = 0;     ///< where its moof begins
    std::uint32_t bytes = 0;      ///< moof and mdat together
    std::int64_t start_ticks = 0; ///< decode time of its first video frame, from the segment's first frame
    std::uint32_t duration_ticks = 0;
    std::uint16_t frames = 0; ///< video frames
    bool key = false;         ///< begins with a key frame: playing can begin here
};

/// A segment that is complete on disk: file and folder were fsynced before this was said.
struct Segment {
    std::string camera;          ///< the registry's id
    std::string stream = "main"; ///< "main" or "sub"
    std::string file;            ///< name within the camera's folder, without a slash
    std::uint64_t bytes = 0;
    Digest sha256{};               ///< of the whole file
    Time started_at{}, ended_at{}; ///< the gateway's clock at the first frame and past the last one
    std::uint32_t init_bytes = 0;  ///< ftyp and moov: the file up to its first moof
    std::uint32_t timescale = 0;   ///< ticks a second, of the video track
    std::string codecs;            ///< RFC 6381, as a browser is asked: "avc1.64001f, mp4a.40.2"
    std::uint16_t width = 0, height = 0;
    std::string end; ///< why it ended: "rolled", "parameters", "lost", "stopped", "repaired"
    std::vector<Fragment> fragments;
};

} // namespace gatehouse::pipelines
