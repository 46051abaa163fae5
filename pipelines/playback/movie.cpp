// SPDX-License-Identifier: Apache-2.0
#include "pipelines/playback/movie.hpp"

#include "daemon/base/expects.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::pipelines::playback {

namespace {

constexpr std::size_t full_box_bytes = 4; ///< version and flags

Result<Box> within(const Box& box, FourCc type) {
    auto found = find_box(box.content, type);
    if (!found) return Error(Fault::malformed, std::move(found).error().during("in '" + name_of(box.type) + "'").what());
    return found;
}

std::string hex(std::uint64_t value) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (; value != 0 || text.empty(); value >>= 4) text.insert(text.begin(), digits[value & 15]);
    return text;
}
std::string two_digits(std::uint8_t value) { return to_hex(std::array{value}); }

/// RFC 6381, 3.3: profile, constraints and level as they stand in the AVCDecoderConfigurationRecord.
std::string avc_codec(const std::string& name, ByteView record) {
    if (record.size() < 4) return name;
    return name + '.' + two_digits(record[1]) + two_digits(record[2]) + two_digits(record[3]);
}

/// ISO/IEC 14496-15, annex E.3, from the HEVCDecoderConfigurationRecord.
std::string hevc_codec(const std::string& name, ByteView record) {
    if (record.size() < 13) return name;
    constexpr std::array spaces{"", "A", "B", "C"};
    Fields fields(record.subspan(1));
    const auto profile = fields.u8();
    auto compatible = fields.u32();
    std::uint32_t reversed = 0;
    for (int i = 0; i < 32; ++i, compatible >>= 1) reversed = reversed << 1 | (compatible & 1);
    std::array<std::uint8_t, 6> constraints{};
    for (auto& one : constraints) one = fields.u8();
    const auto level = fields.u8();
    std::string text = name + '.' + spaces[profile >> 6] + std::to_string(profile & 31) + '.' + hex(reversed) + '.' +
                       ((profile & 32) != 0 ? 'H' : 'L') + std::to_string(level);
    std::size_t said = constraints.size();
    while (said > 0 && constraints[said - 1] == 0) --said;
    for (std::size_t i = 0; i < said; ++i) text += '.' + hex(constraints[i]);
    return text;
}

/// ISO/IEC 14496-1, 7.2.6: a descriptor's tag and its length in 1 to 4 bytes of 7 bits. Answers the tag, 0 at the end.
std::uint8_t descriptor(Fields& fields) {
    const auto tag = fields.u8();
    for (int i = 0; i < 4; ++i)
        if ((fields.u8() & 0x80) == 0) break;
    return fields.is_short() ? std::uint8_t(0) : tag;
}

/// "mp4a.40.2": object type indication and audio object type out of the ES descriptor.
std::string audio_codec(const std::string& name, ByteView esds) {
    Fields fields(esds);
    fields.skip(full_box_bytes);
    if (descriptor(fields) != 3) return name;
    fields.skip(2); // ES_ID
    const auto flags = fields.u8();
    if ((flags & 0x80) != 0) fields.skip(2);
    if ((flags & 0x40) != 0) fields.skip(fields.u8());
    if ((flags & 0x20) != 0) fields.skip(2);
    if (descriptor(fields) != 4) return name;
    const auto object_type = fields.u8();
    fields.skip(12);
    if (fields.is_short()) return name;
    std::string text = name + '.' + two_digits(object_type);
    if (object_type != 0x40 || descriptor(fields) != 5) return text;
    const auto first = fields.u16();
    auto audio_type = first >> 11;
    if (audio_type == 31) audio_type = 32 + (first >> 5 & 63);
    return fields.is_short() ? text : text + '.' + std::to_string(audio_type);
}

/// Sample entry, 8.5.2.2: what it is, its size, its codec.
Done read_sample_entry(ByteView stsd, Track& track) {
    Fields fields(stsd);
    fields.skip(full_box_bytes);
    if (fields.u32() == 0) return Error(Fault::malformed, "stsd without an entry");
    Boxes entries(fields.rest());
    auto next = entries.next();
    if (!next) return std::move(next).error();
    if (fields.is_short() || !*next) return Error(Fault::malformed, "stsd without an entry");
    const Box entry = **next;
    track.codec = name_of(entry.type);
    constexpr std::size_t visual_bytes = 78, audio_bytes = 28; // before the boxes within
    if (track.is_video()) {
        Fields visual(entry.content);
        visual.skip(24);
        track.width = visual.u16();
        track.height = visual.u16();
        if (entry.content.size() < visual_bytes) return Error(Fault::malformed, "a sample entry that is too short");
        const auto inner = entry.content.subspan(visual_bytes);
        if (auto avc = find_box(inner, four("avcC"))) track.codec = avc_codec(track.codec, avc->content);
        if (auto hevc = find_box(inner, four("hvcC"))) track.codec = hevc_codec(track.codec, hevc->content);
    } else if (track.handler == four("soun") && entry.content.size() >= audio_bytes) {
        if (auto esds = find_box(entry.content.subspan(audio_bytes), four("esds"))) track.codec = audio_codec(track.codec, esds->content);
    }
    return {};
}

Done read_track(const Box& trak, Track& track) {
    auto tkhd = within(trak, four("tkhd"));
    auto mdia = within(trak, four("mdia"));
    if (!tkhd) return std::move(tkhd).error();
    if (!mdia) return std::move(mdia).error();
    Fields head(tkhd->content);
    const auto version = head.u8();
    head.skip(version == 1 ? 3 + 16 : 3 + 8);
    track.id = head.u32();
    auto mdhd = within(*mdia, four("mdhd"));
    auto hdlr = within(*mdia, four("hdlr"));
    auto minf = within(*mdia, four("minf"));
    if (!mdhd) return std::move(mdhd).error();
    if (!hdlr) return std::move(hdlr).error();
    if (!minf) return std::move(minf).error();
    Fields media(mdhd->content);
    media.skip(media.u8() == 1 ? 3 + 16 : 3 + 8);
    track.timescale = media.u32();
    Fields handler(hdlr->content);
    handler.skip(8);
    track.handler = handler.u32();
    if (head.is_short() || media.is_short() || handler.is_short()) return Error(Fault::malformed, "a track that is too short");
    if (track.id == 0 || track.timescale == 0 || track.timescale > timescale_max)
        return Error(Fault::malformed, "a track without number or timescale");
    auto stbl = within(*minf, four("stbl"));
    if (!stbl) return std::move(stbl).error();
    auto stsd = within(*stbl, four("stsd"));
    if (!stsd) return std::move(stsd).error();
    if (auto done = read_sample_entry(stsd->content, track); !done) return done;
    track.decoding.assign(stsd->whole.begin(), stsd->whole.end());
    if (auto edts = find_box(trak.content, four("edts"))) track.decoding.insert(track.decoding.end(), edts->whole.begin(), edts->whole.end());
    return {};
}

Done read_defaults(const Box& mvex, Movie& movie) {
    Boxes boxes(mvex.content);
    for (;;) {
        auto next = boxes.next();
        if (!next) return std::move(next).error();
        if (!*next) return {};
        if ((*next)->type != four("trex")) continue;
        Fields fields((*next)->content);
        fields.skip(full_box_bytes);
        const auto id = fields.u32();
        const auto found = std::find_if(movie.tracks.begin(), movie.tracks.end(), [&](const Track& track) { return track.id == id; });
        fields.skip(4); // the sample entry's number
        if (found == movie.tracks.end()) continue;
        found->default_duration = fields.u32();
        found->default_bytes = fields.u32();
        found->default_flags = fields.u32();
        if (fields.is_short()) return Error(Fault::malformed, "trex is too short");
        found->decoding.insert(found->decoding.end(), (*next)->whole.begin(), (*next)->whole.end());
    }
}

} // namespace

const Track* Movie::track(std::uint32_t id) const {
    const auto found = std::find_if(tracks.begin(), tracks.end(), [&](const Track& one) { return one.id == id; });
    return found == tracks.end() ? nullptr : &*found;
}

std::string Movie::codecs() const {
    std::string text;
    for (const auto& one : tracks) text += (text.empty() ? "" : ", ") + one.codec;
    return text;
}

Result<Movie> read_movie(ByteView init) {
    if (init.size() > init_bytes_max) return Error(Fault::full, "an init part of " + std::to_string(init.size()) + " bytes");
    auto moov = find_box(init, four("moov"));
    if (!moov) return Error(Fault::malformed, moov.error().what());
    auto mvhd = within(*moov, four("mvhd"));
    if (!mvhd) return std::move(mvhd).error();
    Movie movie;
    Fields fields(mvhd->content);
    fields.skip(fields.u8() == 1 ? 3 + 16 : 3 + 8);
    movie.timescale = fields.u32();
    if (movie.timescale == 0 || movie.timescale > timescale_max) return Error(Fault::malformed, "mvhd without a timescale");
    std::optional<Box> mvex;
    Boxes boxes(moov->content);
    for (;;) {
        auto next = boxes.next();
        if (!next) return std::move(next).error();
        if (!*next) break;
        if ((*next)->type == four("mvex")) mvex = **next;
        if ((*next)->type != four("trak")) continue;
        if (movie.tracks.size() == tracks_max) return Error(Fault::full, "more than " + std::to_string(tracks_max) + " tracks");
        Track track;
        if (auto done = read_track(**next, track); !done) return std::move(done).error();
        if (movie.track(track.id) != nullptr) return Error(Fault::malformed, "two tracks of one number");
        movie.tracks.push_back(std::move(track));
    }
    if (!mvex) return Error(Fault::unsupported, "not a fragmented file");
    if (auto done = read_defaults(*mvex, movie); !done) return std::move(done).error();
    const auto video = std::find_if(movie.tracks.begin(), movie.tracks.end(), [](const Track& one) { return one.is_video(); });
    if (video == movie.tracks.end()) return Error(Fault::unsupported, "no video track");
    movie.video = static_cast<std::size_t>(video - movie.tracks.begin());
    return movie;
}

bool may_follow(const Movie& one, const Movie& next) {
    const auto same = [](const Track& a, const Track& b) {
        return a.id == b.id && a.timescale == b.timescale && a.handler == b.handler && a.decoding == b.decoding;
    };
    return one.timescale == next.timescale && one.video == next.video &&
           std::equal(one.tracks.begin(), one.tracks.end(), next.tracks.begin(), next.tracks.end(), same);
}

namespace {

void copy_with_mehd(Bytes& into, ByteView mvex, std::uint64_t duration) {
    const auto outer = box_begins(into, four("mvex"));
    const auto from = box_begins(into, four("mehd"));
    put_number(into, 1, 1);
    put_number(into, 0, 3);
    put_number(into, duration, 8);
    box_ends(into, from);
    Boxes boxes(mvex);
    for (auto next = boxes.next(); next && *next; next = boxes.next())
        if ((*next)->type != four("mehd")) into.insert(into.end(), (*next)->whole.begin(), (*next)->whole.end());
    box_ends(into, outer);
}

} // namespace

Bytes with_duration(ByteView init, std::uint64_t duration) {
    Bytes made;
    Boxes outer(init);
    for (auto next = outer.next(); next && *next; next = outer.next()) {
        const Box& box = **next;
        if (box.type != four("moov")) {
            made.insert(made.end(), box.whole.begin(), box.whole.end());
            continue;
        }
        const auto moov = box_begins(made, four("moov"));
        Boxes inner(box.content);
        for (auto one = inner.next(); one && *one; one = inner.next())
            if ((*one)->type == four("mvex"))
                copy_with_mehd(made, (*one)->content, duration);
            else
                made.insert(made.end(), (*one)->whole.begin(), (*one)->whole.end());
        box_ends(made, moov);
    }
    return made;
}

} // namespace gatehouse::pipelines::playback
