// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/recording_packing.hpp"

namespace gatehouse::store {

namespace {

using pipelines::Fragment;

constexpr std::uint8_t is_key = 1, is_adjacent = 2, starts_at_end = 4, same_duration = 8, same_frames = 16, flags_known = 31;

void put_leb(Bytes& into, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) into.push_back(static_cast<std::uint8_t>(value | 0x80));
    into.push_back(static_cast<std::uint8_t>(value));
}

/// False: beyond the end, or longer than 64 bits.
bool take_leb(ByteView& from, std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (from.empty()) return false;
        const auto byte = from.front();
        from = from.subspan(1);
        if (shift == 63 && byte > 1) return false;
        value |= std::uint64_t{byte & 0x7fu} << shift;
        if ((byte & 0x80) == 0) return true;
    }
    return false;
}

Error not_packed() { return Error(Fault::damaged, "a segment's fragments cannot be read"); }

} // namespace

Bytes pack_fragments(const std::vector<Fragment>& fragments) {
    Bytes packed;
    Fragment before;
    for (const auto& one : fragments) {
        const auto offset_gap = one.offset - (before.offset + before.bytes);
        const auto start_gap = one.start_ticks - (before.start_ticks + before.duration_ticks);
        // A start may lie before the end of the one before (the camera's times say so): zigzag.
        const auto zigzag = static_cast<std::uint64_t>(start_gap) << 1 ^ static_cast<std::uint64_t>(start_gap >> 63);
        const bool keeps_duration = one.duration_ticks == before.duration_ticks;
        const bool keeps_frames = one.frames == before.frames;
        packed.push_back(static_cast<std::uint8_t>((one.key ? is_key : 0) | (offset_gap == 0 ? is_adjacent : 0) |
                                                   (start_gap == 0 ? starts_at_end : 0) | (keeps_duration ? same_duration : 0) |
                                                   (keeps_frames ? same_frames : 0)));
        if (offset_gap != 0) put_leb(packed, offset_gap);
        if (start_gap != 0) put_leb(packed, zigzag);
        if (!keeps_duration) put_leb(packed, one.duration_ticks);
        if (!keeps_frames) put_leb(packed, one.frames);
        put_leb(packed, one.bytes);
        before = one;
    }
    return packed;
}

Result<std::vector<Fragment>> unpack_fragments(ByteView packed) {
    std::vector<Fragment> fragments;
    Fragment before;
    while (!packed.empty()) {
        if (fragments.size() == segment_fragments_max) return not_packed();
        const auto flags = packed.front();
        packed = packed.subspan(1);
        if ((flags & ~flags_known) != 0) return not_packed();
        std::uint64_t offset_gap = 0, zigzag = 0, duration = before.duration_ticks, frames = before.frames, bytes = 0;
        const bool is_whole = ((flags & is_adjacent) != 0 || take_leb(packed, offset_gap)) &&
                              ((flags & starts_at_end) != 0 || take_leb(packed, zigzag)) &&
                              ((flags & same_duration) != 0 || take_leb(packed, duration)) &&
                              ((flags & same_frames) != 0 || take_leb(packed, frames)) && take_leb(packed, bytes);
        constexpr std::uint64_t far_max = 1ull << 50; // offsets and ticks: sums of a whole segment stay within 64 bits
        if (!is_whole || offset_gap > far_max || zigzag > far_max || duration > UINT32_MAX || frames > UINT16_MAX || bytes > UINT32_MAX)
            return not_packed();
        Fragment one;
        one.key = (flags & is_key) != 0;
        one.offset = before.offset + before.bytes + offset_gap;
        one.start_ticks =
            before.start_ticks + before.duration_ticks + (static_cast<std::int64_t>(zigzag >> 1) ^ -static_cast<std::int64_t>(zigzag & 1));
        one.duration_ticks = static_cast<std::uint32_t>(duration);
        one.frames = static_cast<std::uint16_t>(frames);
        one.bytes = static_cast<std::uint32_t>(bytes);
        fragments.push_back(one);
        before = one;
    }
    return fragments;
}

} // namespace gatehouse::store
