// SPDX-License-Identifier: Apache-2.0
//
// Boxes of ISO/IEC 14496-12, clause 4.2: a size, a type of four characters, content. Read from bytes that may be anything; written by small
// functions. All numbers are big-endian.
#pragma once

#include "daemon/base/bytes.hpp"

#include <optional>

namespace gatehouse::pipelines::playback {

/// A type such as "moov" as one number, so that it can stand in a switch.
using FourCc = std::uint32_t;
constexpr FourCc four(const char (&text)[5]) {
    FourCc code = 0;
    for (int i = 0; i < 4; ++i) code = code << 8 | static_cast<unsigned char>(text[i]);
    return code;
}
/// "moov"; what is not printable becomes '?'.
std::string name_of(FourCc type);

/// Numbers out of a box, one after another. Beyond the end they are 0, and is_short() says so: asked once, at the end.
class Fields {
public:
    explicit Fields(ByteView bytes) : bytes_(bytes) {}
    std::uint64_t number(std::size_t bytes); ///< 1 to 8 bytes
    std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    std::uint64_t u64() { return number(8); }
    void skip(std::size_t bytes);
    std::size_t at() const { return at_; }
    std::size_t left() const { return bytes_.size() - at_; }
    ByteView rest() const { return bytes_.subspan(at_); }
    bool is_short() const { return short_; }

private:
    ByteView bytes_;
    std::size_t at_ = 0;
    bool short_ = false;
};

/// A box's beginning: how long it is with its header, and how long the header is.
struct BoxHeader {
    FourCc type = 0;
    std::uint64_t bytes = 0;
    std::uint32_t header_bytes = 0;
};
constexpr std::size_t box_header_bytes_max = 16;

/// From at least box_header_bytes_max bytes, or as many as there are; `left` is what the file has from here on: a box of size 0 runs to its
/// end. Fault::malformed: no box begins here. One that is longer than `left` is a value: it was cut off.
Result<BoxHeader> read_box_header(ByteView bytes, std::uint64_t left);

/// One box in memory, whole.
struct Box {
    FourCc type = 0;
    ByteView whole, content;
    std::size_t at = 0; ///< where it begins in what its list was made of
};

/// The boxes that fill `bytes`, one after another; boxes_max bounds the work.
class Boxes {
public:
    explicit Boxes(ByteView bytes) : bytes_(bytes) {}
    /// None: the end. Fault::malformed: what follows is no box, or longer than what is left.
    Result<std::optional<Box>> next();

private:
    ByteView bytes_;
    std::size_t at_ = 0;
    std::size_t count_ = 0;
};
constexpr std::size_t boxes_max = 4096; ///< in one list

/// The first box of that type; Fault::malformed when the list is damaged before it, Fault::gone when there is none.
Result<Box> find_box(ByteView bytes, FourCc type);

void put_number(Bytes& into, std::uint64_t value, std::size_t bytes);
void set_number(std::span<std::uint8_t> bytes, std::uint64_t value);
/// A box around what was written since `from`, where box_begins() stood.
std::size_t box_begins(Bytes& into, FourCc type);
void box_ends(Bytes& into, std::size_t from);

} // namespace gatehouse::pipelines::playback
