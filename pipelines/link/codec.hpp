// SPDX-License-Identifier: Apache-2.0
//
// Messages as bytes. A frame is a length (32 bits, little-endian: of what follows it), a type (8 bits: the message's place in its variant)
// and the fields in the order of message.hpp: numbers little-endian, times as microseconds in 64 bits, texts and byte strings behind a
// 32-bit length. Both ends are of one build, so there is no version. The worker is what outside bytes may have taken over: whatever it says
// is judged here, and a frame that breaks a bound is Fault::malformed.
#pragma once

#include "pipelines/link/message.hpp"

#include <optional>

namespace gatehouse::pipelines {

constexpr std::size_t frame_header_bytes = 4;
constexpr std::size_t still_film_bytes_max = 8 * 1024 * 1024; ///< one fragment: two seconds at 32 Mbit/s
constexpr std::size_t still_jpeg_bytes_max = 4 * 1024 * 1024;
constexpr std::uint16_t still_width_min = 32, still_width_max = 3840;
constexpr std::size_t down_frame_bytes_max = still_film_bytes_max + 64 * 1024;
constexpr std::size_t up_frame_bytes_max = 16 * 1024 * 1024; ///< two seconds at 64 Mbit/s
constexpr std::size_t text_bytes_max = 4096;
constexpr std::size_t file_name_bytes_max = 128;
constexpr std::size_t fragments_per_segment_max = 64 * 1024;
constexpr std::size_t init_bytes_max = 64 * 1024;
constexpr std::uint32_t segment_s_max = 3600;
constexpr std::uint32_t preroll_s_max = 60;

/// Whole frames, header included.
Bytes frame_of(const Down& message);
Bytes frame_of(const Up& message);

/// What stands behind a frame's header.
Result<Down> decode_down(ByteView frame);
Result<Up> decode_up(ByteView frame);

/// A name within a camera's folder: letters, digits, dot, hyphen; neither a path nor hidden. Both ends ask before they touch it.
bool is_file_name(std::string_view name);

/// Cuts a byte stream into frames.
class FrameReader {
public:
    explicit FrameReader(std::size_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}
    void add(ByteView bytes);
    /// The next whole frame without its header, valid until the next add(); none: more bytes are needed. Fault::malformed: a frame that is
    /// empty or longer than may be; the stream is lost then.
    Result<std::optional<ByteView>> next();

private:
    std::size_t frame_bytes_max_;
    Bytes held_;
    std::size_t taken_ = 0;
};

} // namespace gatehouse::pipelines
