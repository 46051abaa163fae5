// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/boxes.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>

namespace gatehouse::pipelines {

namespace {

/// Big-endian numbers; past its end all are zero and is_sound() says so.
class Fields {
public:
    explicit Fields(ByteView bytes) : rest_(bytes) {}
    std::uint64_t number(std::size_t bytes) {
        std::uint64_t value = 0;
        if (rest_.size() < bytes) {
            sound_ = false;
            rest_ = {};
            return 0;
        }
        for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | rest_[i];
        rest_ = rest_.subspan(bytes);
        return value;
    }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    void skip(std::size_t bytes) {
        if (bytes > rest_.size()) sound_ = false;
        rest_ = rest_.subspan(std::min(bytes, rest_.size()));
    }
    ByteView rest() const { return rest_; }
    bool is_sound() const { return sound_; }

private:
    ByteView rest_;
    bool sound_ = true;
};

Error mangled(std::string_view what) { return Error(Fault::malformed, "an MP4 with " + std::string(what)); }

using EachBox = std::function<Done(std::uint32_t type, ByteView body)>;

Done for_each_box(ByteView bytes, const EachBox& each) {
    while (!bytes.empty()) {
        if (bytes.size() < box_header_bytes) return mangled("a box that is cut off");
        const auto header = read_box_header(bytes);
        if (!header) return header.error();
        if (header->bytes > bytes.size()) return mangled("a box that reaches over its parent");
        if (auto read = each(header->type, bytes.subspan(box_header_bytes, header->bytes - box_header_bytes)); !read) return read;
        bytes = bytes.subspan(header->bytes);
    }
    return {};
}

struct Track {
    std::uint32_t id = 0, timescale = 0;
    bool is_video = false;
    std::string codec;
    std::uint16_t width = 0, height = 0;
};

std::string hex_byte(std::uint64_t value) {
    std::array<char, 3> text{};
    std::snprintf(text.data(), text.size(), "%02x", static_cast<unsigned>(value & 0xff));
    return text.data();
}

// ISO/IEC 14496-15, 5.3.3.1: version, profile, compatibility, level.
std::string avc_codec(ByteView record) {
    Fields fields(record);
    fields.skip(1);
    std::string text = "avc1.";
    for (int i = 0; i < 3; ++i) text += hex_byte(fields.number(1));
    return fields.is_sound() ? text : "avc1";
}

// ISO/IEC 14496-15, E.3: profile space and number, compatibility bits in reverse order, tier and level, constraint bytes without trailing zeros.
std::string hevc_codec(ByteView record, std::string_view entry) {
    Fields fields(record);
    fields.skip(1);
    const auto profile = fields.number(1);
    auto compatible = fields.u32();
    std::array<std::uint64_t, 6> constraints{};
    for (auto& constraint : constraints) constraint = fields.number(1);
    const auto level = fields.number(1);
    if (!fields.is_sound()) return std::string(entry);
    std::uint32_t reversed = 0;
    for (int i = 0; i < 32; ++i, compatible >>= 1) reversed = reversed << 1 | (compatible & 1);
    std::string text(entry);
    text += '.';
    if (const auto space = profile >> 6; space > 0) text += static_cast<char>('A' + static_cast<int>(space) - 1);
    text += std::to_string(profile & 0x1f);
    std::array<char, 9> hex{};
    std::snprintf(hex.data(), hex.size(), "%x", reversed);
    text += '.';
    text += hex.data();
    text += (profile & 0x20) != 0 ? ".H" : ".L";
    text += std::to_string(level);
    auto last = constraints.size();
    while (last > 0 && constraints[last - 1] == 0) --last;
    for (std::size_t i = 0; i < last; ++i) text += "." + hex_byte(constraints[i]);
    return text;
}

Done read_sample_entry(std::uint32_t type, ByteView body, Track& track) {
    if (!track.is_video) {
        if (type == box_type("mp4a")) track.codec = "mp4a.40.2"; // AAC-LC, which is what cameras send
        if (type == box_type("Opus")) track.codec = "opus";
        return {};
    }
    // 12.1.3.2: 24 bytes to width and height, 70 of fields in all, then boxes.
    constexpr std::size_t entry_fields_bytes = 78;
    Fields fields(body);
    fields.skip(24);
    track.width = static_cast<std::uint16_t>(fields.number(2));
    track.height = static_cast<std::uint16_t>(fields.number(2));
    if (body.size() < entry_fields_bytes) return mangled("a sample entry that is cut off");
    return for_each_box(body.subspan(entry_fields_bytes), [&](std::uint32_t child, ByteView record) -> Done {
        if (child == box_type("avcC")) track.codec = avc_codec(record);
        if (child == box_type("hvcC")) track.codec = hevc_codec(record, type == box_type("hvc1") ? "hvc1" : "hev1");
        return {};
    });
}

Done read_track(std::uint32_t type, ByteView body, Track& track) {
    const auto children = [&](ByteView bytes) { return for_each_box(bytes, [&](std::uint32_t t, ByteView b) { return read_track(t, b, track); }); };
    Fields fields(body);
    const auto version = body.empty() ? 0 : body[0];
    if (type == box_type("mdia") || type == box_type("minf") || type == box_type("stbl")) return children(body);
    if (type == box_type("tkhd")) {
        fields.skip(version == 1 ? 20 : 12);
        track.id = fields.u32();
    } else if (type == box_type("mdhd")) {
        fields.skip(version == 1 ? 20 : 12);
        track.timescale = fields.u32();
    } else if (type == box_type("hdlr")) {
        fields.skip(8);
        track.is_video = fields.u32() == box_type("vide");
    } else if (type == box_type("stsd")) {
        if (body.size() < 8) return mangled("a sample description that is cut off");
        return for_each_box(body.subspan(8), [&](std::uint32_t t, ByteView b) { return read_sample_entry(t, b, track); });
    }
    if (!fields.is_sound()) return mangled("a header that is cut off");
    return {};
}

/// A sample is one at which playing can begin (8.8.3.1: sample_is_non_sync_sample is bit 16).
bool is_sync(std::uint64_t flags) { return (flags & 0x10000) == 0; }

struct Run {
    std::uint64_t default_duration = 0, default_flags = 0;
    bool first = true;
};

Done read_run(ByteView body, Run& defaults, std::uint64_t& duration, std::uint64_t& frames, bool& key) {
    Fields fields(body);
    const auto flags = fields.number(4) & 0xffffff;
    const auto count = fields.u32();
    if ((flags & 0x1) != 0) fields.skip(4);
    std::optional<std::uint64_t> first_flags;
    if ((flags & 0x4) != 0) first_flags = fields.u32();
    const std::size_t row = ((flags & 0x100) ? 4u : 0u) + ((flags & 0x200) ? 4u : 0u) + ((flags & 0x400) ? 4u : 0u) + ((flags & 0x800) ? 4u : 0u);
    if (!fields.is_sound() || (row > 0 && count > fields.rest().size() / row) || count > 0xffff) return mangled("a run that is cut off");
    for (std::uint32_t i = 0; i < count; ++i) {
        duration += (flags & 0x100) != 0 ? fields.u32() : defaults.default_duration;
        if ((flags & 0x200) != 0) fields.skip(4);
        auto sample_flags = (flags & 0x400) != 0 ? fields.u32() : defaults.default_flags;
        if (i == 0 && first_flags) sample_flags = *first_flags;
        if ((flags & 0x800) != 0) fields.skip(4);
        if (defaults.first) key = is_sync(sample_flags);
        defaults.first = false;
    }
    frames += count;
    return {};
}

Done read_traf(ByteView traf, const InitFacts& init, Fragment& fragment) {
    std::uint32_t track = 0;
    std::uint64_t decode_time = 0, duration = 0, frames = 0;
    bool key = false;
    Run defaults;
    auto read = for_each_box(traf, [&](std::uint32_t type, ByteView body) -> Done {
        Fields fields(body);
        if (type == box_type("tfhd")) {
            const auto flags = fields.number(4) & 0xffffff;
            track = fields.u32();
            if ((flags & 0x1) != 0) fields.skip(8);
            if ((flags & 0x2) != 0) fields.skip(4);
            if ((flags & 0x8) != 0) defaults.default_duration = fields.u32();
            if ((flags & 0x10) != 0) fields.skip(4);
            if ((flags & 0x20) != 0) defaults.default_flags = fields.u32();
        } else if (type == box_type("tfdt")) {
            const auto version = fields.number(4) >> 24;
            decode_time = fields.number(version == 1 ? 8 : 4);
        } else if (type == box_type("trun")) {
            return read_run(body, defaults, duration, frames, key);
        }
        if (!fields.is_sound()) return mangled("a fragment header that is cut off");
        return {};
    });
    if (!read) return read;
    if (track != init.video_track || frames == 0) return {};
    if (decode_time > INT64_MAX || duration > UINT32_MAX || frames > UINT16_MAX || fragment.frames > 0)
        return mangled("a fragment out of all bounds");
    fragment.start_ticks = static_cast<std::int64_t>(decode_time);
    fragment.duration_ticks = static_cast<std::uint32_t>(duration);
    fragment.frames = static_cast<std::uint16_t>(frames);
    fragment.key = key;
    return {};
}

} // namespace

Result<BoxHeader> read_box_header(ByteView header) {
    if (header.size() < box_header_bytes) return mangled("a box that is cut off");
    Fields fields(header);
    BoxHeader box;
    box.bytes = fields.u32();
    box.type = fields.u32();
    if (box.bytes < box_header_bytes) return mangled("a box shorter than its header");
    return box;
}

Result<InitFacts> read_init(ByteView init) {
    std::vector<Track> tracks;
    const auto read = for_each_box(init, [&](std::uint32_t type, ByteView body) -> Done {
        if (type != box_type("moov")) return {};
        return for_each_box(body, [&](std::uint32_t t, ByteView trak) -> Done {
            if (t != box_type("trak")) return {};
            auto& track = tracks.emplace_back();
            return for_each_box(trak, [&](std::uint32_t tt, ByteView b) { return read_track(tt, b, track); });
        });
    });
    if (!read) return read.error();
    const auto video = std::find_if(tracks.begin(), tracks.end(), [](const Track& track) { return track.is_video; });
    if (video == tracks.end() || video->timescale == 0) return mangled("no video track");
    InitFacts facts{video->id, video->timescale, video->codec, video->width, video->height, {}};
    for (const auto& track : tracks) facts.tracks.push_back({track.id, track.timescale});
    for (const auto& track : tracks)
        if (!track.is_video && !track.codec.empty()) facts.codecs += ", " + track.codec;
    return facts;
}

Result<Fragment> read_moof(ByteView moof, const InitFacts& init) {
    const auto header = read_box_header(moof);
    if (!header) return header.error();
    if (header->type != box_type("moof") || header->bytes != moof.size()) return mangled("a fragment that is none");
    Fragment fragment;
    fragment.bytes = header->bytes;
    const auto read = for_each_box(moof.subspan(box_header_bytes), [&](std::uint32_t type, ByteView body) -> Done {
        return type == box_type("traf") ? read_traf(body, init, fragment) : Done();
    });
    if (!read) return read.error();
    return fragment;
}

Done delay_fragment(Bytes& fragment, const InitFacts& init, std::int64_t ticks) {
    if (ticks == 0) return {};
    const auto header = read_box_header(fragment);
    if (!header) return header.error();
    if (header->type != box_type("moof") || header->bytes > fragment.size()) return mangled("a fragment that is none");
    const auto delay_track = [&](std::uint32_t track, ByteView time) -> Done {
        const auto found = std::find_if(init.tracks.begin(), init.tracks.end(), [&](const auto& one) { return one.id == track; });
        if (found == init.tracks.end()) return mangled("a track that its init part lacks");
        const std::int64_t from = init.timescale, to = found->timescale;
        const auto delay = ticks / from * to + ticks % from * to / from; // years of ticks times a time scale would be too long a number
        auto later = Fields(time).number(8) + static_cast<std::uint64_t>(delay);
        const auto at = static_cast<std::size_t>(time.data() - fragment.data());
        for (std::size_t i = 8; i > 0; --i, later >>= 8) fragment[at + i - 1] = static_cast<std::uint8_t>(later);
        return {};
    };
    return for_each_box(ByteView(fragment).subspan(box_header_bytes, header->bytes - box_header_bytes),
                        [&](std::uint32_t type, ByteView traf) -> Done {
                            std::uint32_t track = 0;
                            if (type != box_type("traf")) return {};
                            return for_each_box(traf, [&](std::uint32_t child, ByteView body) -> Done {
                                Fields fields(body);
                                const auto version = fields.number(4) >> 24;
                                if (child == box_type("tfhd")) track = fields.u32();
                                if (child != box_type("tfdt")) return {};
                                if (version != 1 || fields.rest().size() < 8) return mangled("a decode time that is not of 64 bits");
                                return delay_track(track, fields.rest().first(8));
                            });
                        });
}

} // namespace gatehouse::pipelines
