// SPDX-License-Identifier: Apache-2.0
#include "pipelines/playback/scan.hpp"

namespace gatehouse::pipelines::playback {

namespace {

constexpr std::size_t ftyp_bytes_max = 4096;

/// A position in the file, box by box.
class Walk {
public:
    Walk(std::uint64_t file_bytes, const ReadAt& read) : file_bytes_(file_bytes), read_(read) {}

    std::uint64_t at() const { return at_; }
    /// None: the file ends here, or with a box that was cut off.
    Result<std::optional<BoxHeader>> peek() {
        if (++boxes_ > scanned_boxes_max) return Error(Fault::full, "more than " + std::to_string(scanned_boxes_max) + " boxes in a file");
        if (at_ >= file_bytes_) return std::optional<BoxHeader>();
        auto bytes = read_(at_, box_header_bytes_max);
        if (!bytes) return std::move(bytes).error();
        if (bytes->size() < 8) return std::optional<BoxHeader>();
        auto header = read_box_header(*bytes, file_bytes_ - at_);
        if (!header) return std::move(header).error();
        if (header->bytes > file_bytes_ - at_) return std::optional<BoxHeader>();
        return std::optional<BoxHeader>(*header);
    }
    Result<Bytes> whole(const BoxHeader& header, std::size_t bytes_max) {
        if (header.bytes > bytes_max) return Error(Fault::full, "box '" + name_of(header.type) + "' of " + std::to_string(header.bytes) + " bytes");
        auto bytes = read_(at_, static_cast<std::size_t>(header.bytes));
        if (!bytes) return std::move(bytes).error();
        if (bytes->size() != header.bytes) return Error(Fault::damaged, "the file is shorter than it was");
        return bytes;
    }
    void pass(const BoxHeader& header) { at_ += header.bytes; }

private:
    std::uint64_t file_bytes_;
    const ReadAt& read_;
    std::uint64_t at_ = 0;
    std::size_t boxes_ = 0;
};

Result<Movie> scan_init(Walk& walk) {
    for (bool has_type = false;;) {
        auto header = walk.peek();
        if (!header) return std::move(header).error();
        if (!*header) return Error(Fault::malformed, "the file ends before its moov");
        const auto type = (*header)->type;
        if (walk.at() + (*header)->bytes > init_bytes_max) return Error(Fault::full, "an init part that is too long");
        if (type == four("ftyp")) {
            auto read = walk.whole(**header, ftyp_bytes_max);
            if (!read) return std::move(read).error();
            has_type = true;
        } else if (type == four("moov")) {
            if (!has_type) return Error(Fault::malformed, "moov without ftyp before it");
            auto moov = walk.whole(**header, init_bytes_max);
            if (!moov) return std::move(moov).error();
            walk.pass(**header);
            return read_movie(*moov);
        } else if (type == four("moof") || type == four("mdat")) {
            return Error(Fault::malformed, "'" + name_of(type) + "' before moov");
        }
        walk.pass(**header);
    }
}

/// The next fragment; none: the rest of the file holds no whole one. `first`: decode time of the file's first video frame.
Result<std::optional<Fragment>> scan_fragment(Walk& walk, const Movie& movie, std::optional<std::uint64_t>& first) {
    for (;;) {
        auto head = walk.peek();
        if (!head) return std::move(head).error();
        if (!*head) return std::optional<Fragment>();
        if ((*head)->type != four("moof")) { // styp, sidx, free, mfra: nothing to play
            if ((*head)->type == four("mdat")) return Error(Fault::malformed, "mdat without moof");
            walk.pass(**head);
            continue;
        }
        auto bytes = walk.whole(**head, moof_bytes_max);
        if (!bytes) return std::move(bytes).error();
        auto moof = read_moof(*bytes, movie);
        if (!moof) return std::move(moof).error();
        Fragment fragment;
        fragment.offset = walk.at();
        walk.pass(**head);
        auto data = walk.peek();
        if (!data) return std::move(data).error();
        if (!*data) return std::optional<Fragment>();
        if ((*data)->type != four("mdat")) return Error(Fault::malformed, "moof without mdat");
        const auto whole = (*head)->bytes + (*data)->bytes;
        if (whole > UINT32_MAX) return Error(Fault::full, "a fragment that is too long");
        walk.pass(**data);
        const auto* video = moof->part_of(movie.video_track().id);
        if (video == nullptr) return Error(Fault::unsupported, "a fragment without video");
        if (!first) first = video->decode_time;
        const auto ticks_max = static_cast<std::uint64_t>(segment_seconds_max) * movie.video_track().timescale;
        if (video->decode_time < *first || video->decode_time - *first + video->duration > ticks_max || video->duration > UINT32_MAX)
            return Error(Fault::malformed, "a fragment before the first one, or a day behind it");
        fragment.bytes = static_cast<std::uint32_t>(whole);
        fragment.start_ticks = static_cast<std::int64_t>(video->decode_time - *first);
        fragment.duration_ticks = static_cast<std::uint32_t>(video->duration);
        fragment.frames = static_cast<std::uint16_t>(video->frames);
        fragment.key = video->key;
        return std::optional<Fragment>(fragment);
    }
}

} // namespace

std::uint64_t Scanned::duration_ticks() const {
    if (fragments.empty()) return 0;
    return static_cast<std::uint64_t>(fragments.back().start_ticks) + fragments.back().duration_ticks;
}

Result<Scanned> scan(std::uint64_t file_bytes, const ReadAt& read) {
    Walk walk(file_bytes, read);
    auto movie = scan_init(walk);
    if (!movie) return std::move(movie).error();
    Scanned scanned;
    scanned.movie = std::move(*movie);
    scanned.init_bytes = static_cast<std::uint32_t>(walk.at());
    scanned.whole_bytes = walk.at();
    std::optional<std::uint64_t> first;
    while (scanned.fragments.size() < scanned_fragments_max) {
        auto fragment = scan_fragment(walk, scanned.movie, first);
        if (!fragment) {
            if (scanned.fragments.empty() || fragment.error().fault() == Fault::damaged) return std::move(fragment).error();
            break;
        }
        if (!*fragment) break;
        // Two that stand at one time, or go back, cannot both be played: what comes after the damage is not believed.
        if (!scanned.fragments.empty() && (*fragment)->start_ticks < scanned.fragments.back().start_ticks) break;
        scanned.fragments.push_back(**fragment);
        scanned.whole_bytes = (*fragment)->offset + (*fragment)->bytes;
    }
    return scanned;
}

Segment segment_of(const Scanned& scanned) {
    Segment segment;
    const auto& video = scanned.movie.video_track();
    segment.bytes = scanned.whole_bytes;
    segment.init_bytes = scanned.init_bytes;
    segment.timescale = video.timescale;
    segment.codecs = scanned.movie.codecs();
    segment.width = video.width;
    segment.height = video.height;
    segment.end = "repaired";
    segment.fragments = scanned.fragments;
    return segment;
}

} // namespace gatehouse::pipelines::playback
