// SPDX-License-Identifier: Apache-2.0
#include "pipelines/playback/moof.hpp"

#include <algorithm>

namespace gatehouse::pipelines::playback {

namespace {

// tfhd, 8.8.7.1
constexpr std::uint32_t has_base_offset = 0x1, has_entry = 0x2, has_default_duration = 0x8, has_default_bytes = 0x10, has_default_flags = 0x20;
// trun, 8.8.8.1
constexpr std::uint32_t has_data_offset = 0x1, has_first_flags = 0x4, has_duration = 0x100, has_bytes = 0x200, has_flags = 0x400,
                        has_composition = 0x800;
// Sample flags, 8.8.3.1
constexpr std::uint32_t is_non_sync = 0x10000;

struct Defaults {
    std::uint32_t duration = 0, flags = 0;
};

/// `at`: where the box's content begins in the moof.
Result<Defaults> read_tfhd(const Box& tfhd, std::size_t at, const Movie& movie, TrackFragment& part) {
    Fields fields(tfhd.content);
    const auto flags = static_cast<std::uint32_t>(fields.u32() & 0xffffff);
    part.track = fields.u32();
    const Track* track = movie.track(part.track);
    if (track == nullptr) return Error(Fault::malformed, "a fragment of a track that the init does not name");
    Defaults defaults{track->default_duration, track->default_flags};
    if ((flags & has_base_offset) != 0) {
        part.base_offset_at = at + fields.at();
        part.base_offset = fields.u64();
    }
    if ((flags & has_entry) != 0) fields.skip(4);
    if ((flags & has_default_duration) != 0) defaults.duration = fields.u32();
    if ((flags & has_default_bytes) != 0) fields.skip(4);
    if ((flags & has_default_flags) != 0) defaults.flags = fields.u32();
    if (fields.is_short()) return Error(Fault::malformed, "tfhd is too short");
    return defaults;
}

Done read_trun(const Box& trun, const Defaults& defaults, TrackFragment& part) {
    Fields fields(trun.content);
    const auto flags = static_cast<std::uint32_t>(fields.u32() & 0xffffff);
    const auto samples = fields.u32();
    if ((flags & has_data_offset) != 0) fields.skip(4);
    std::optional<std::uint32_t> first_flags;
    if ((flags & has_first_flags) != 0) first_flags = fields.u32();
    if (fields.is_short()) return Error(Fault::malformed, "trun is too short");
    if (samples > fragment_frames_max || part.frames + samples > fragment_frames_max) return Error(Fault::full, "too many samples in a fragment");
    if (samples == 0) return {};
    const bool is_first = part.frames == 0;
    part.frames += samples;
    std::uint32_t own_first_flags = defaults.flags;
    if ((flags & has_duration) == 0) part.duration += std::uint64_t{defaults.duration} * samples;
    if ((flags & (has_duration | has_bytes | has_flags | has_composition)) != 0)
        for (std::uint32_t i = 0; i < samples; ++i) {
            if ((flags & has_duration) != 0) part.duration += fields.u32();
            if ((flags & has_bytes) != 0) fields.skip(4);
            if ((flags & has_flags) != 0) {
                const auto own = fields.u32();
                if (i == 0) own_first_flags = own;
            }
            if ((flags & has_composition) != 0) fields.skip(4);
            if (fields.is_short()) return Error(Fault::malformed, "trun holds fewer samples than it says");
        }
    if (is_first) part.key = (first_flags.value_or(own_first_flags) & is_non_sync) == 0;
    return {};
}

Result<TrackFragment> read_traf(const Box& traf, std::size_t at, const Movie& movie) {
    TrackFragment part;
    std::optional<Defaults> defaults;
    Boxes boxes(traf.content);
    for (;;) {
        auto next = boxes.next();
        if (!next) return std::move(next).error();
        if (!*next) break;
        const Box& box = **next;
        const auto content_at = at + box.at + (box.whole.size() - box.content.size());
        if (box.type == four("tfhd")) {
            if (defaults) return Error(Fault::malformed, "two tfhd in one traf");
            auto read = read_tfhd(box, content_at, movie, part);
            if (!read) return std::move(read).error();
            defaults = *read;
        } else if (!defaults) {
            return Error(Fault::malformed, "traf does not begin with tfhd");
        } else if (box.type == four("tfdt")) {
            if (part.decode_time_bytes != 0) return Error(Fault::malformed, "two tfdt in one traf");
            Fields fields(box.content);
            part.decode_time_bytes = fields.u8() == 1 ? 8 : 4;
            fields.skip(3);
            part.decode_time_at = content_at + fields.at();
            part.decode_time = fields.number(part.decode_time_bytes);
            if (fields.is_short()) return Error(Fault::malformed, "tfdt is too short");
        } else if (box.type == four("trun")) {
            if (auto done = read_trun(box, *defaults, part); !done) return std::move(done).error();
        }
    }
    if (!defaults || part.decode_time_bytes == 0) return Error(Fault::malformed, "traf without tfhd or tfdt");
    if (part.decode_time > decode_ticks_max) return Error(Fault::malformed, "a decode time beyond all times");
    return part;
}

} // namespace

const TrackFragment* Moof::part_of(std::uint32_t track) const {
    const auto found = std::find_if(parts.begin(), parts.end(), [&](const TrackFragment& part) { return part.track == track; });
    return found == parts.end() ? nullptr : &*found;
}

Result<Moof> read_moof(ByteView moof, const Movie& movie) {
    if (moof.size() > moof_bytes_max) return Error(Fault::full, "a moof of " + std::to_string(moof.size()) + " bytes");
    auto header = read_box_header(moof, moof.size());
    if (!header) return std::move(header).error();
    if (header->type != four("moof") || header->bytes != moof.size()) return Error(Fault::malformed, "no moof stands here");
    Moof read;
    Boxes boxes(moof.subspan(header->header_bytes));
    for (;;) {
        auto next = boxes.next();
        if (!next) return std::move(next).error();
        if (!*next) break;
        const Box& box = **next;
        const auto content_at = header->header_bytes + box.at + (box.whole.size() - box.content.size());
        if (box.type == four("mfhd")) {
            if (box.content.size() < 8) return Error(Fault::malformed, "mfhd is too short");
            read.sequence_at = content_at + 4;
        } else if (box.type == four("traf")) {
            if (read.parts.size() == track_fragments_max) return Error(Fault::full, "too many traf in a moof");
            auto part = read_traf(box, content_at, movie);
            if (!part) return std::move(part).error();
            read.parts.push_back(*part);
        }
    }
    if (read.sequence_at == 0 || read.parts.empty()) return Error(Fault::malformed, "a moof without mfhd or traf");
    return read;
}

Done move_fragment(std::span<std::uint8_t> moof, const Moof& read, const Movie& movie, const Move& move) {
    set_number(moof.subspan(read.sequence_at, 4), move.sequence);
    for (const auto& part : read.parts) {
        const Track* track = movie.track(part.track);
        if (track == nullptr) return Error(Fault::malformed, "a fragment of a track that the init does not name");
        // Years of ticks times a time scale would be too long a number.
        const auto from = static_cast<std::int64_t>(movie.video_track().timescale), to = static_cast<std::int64_t>(track->timescale);
        const auto later = move.later_ticks / from * to + move.later_ticks % from * to / from;
        const auto at = std::max<std::int64_t>(0, static_cast<std::int64_t>(part.decode_time) + later);
        if (part.decode_time_bytes == 4 && at > static_cast<std::int64_t>(UINT32_MAX))
            return Error(Fault::unsupported, "a decode time of 32 bits cannot be put so far on");
        set_number(moof.subspan(part.decode_time_at, part.decode_time_bytes), static_cast<std::uint64_t>(at));
        if (part.base_offset_at) set_number(moof.subspan(*part.base_offset_at, 8), part.base_offset - move.offset_before + move.offset_after);
    }
    return {};
}

} // namespace gatehouse::pipelines::playback
