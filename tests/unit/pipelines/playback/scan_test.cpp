// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/segment_name.hpp"
#include "pipelines/playback/scan.hpp"
#include "tests/fixtures/clips.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::pipelines;
using namespace gatehouse::pipelines::playback;

namespace {

ReadAt reader_of(const Bytes& bytes) {
    return [&bytes](std::uint64_t offset, std::size_t size) -> Result<Bytes> {
        const auto from = std::min<std::uint64_t>(offset, bytes.size());
        const auto count = std::min<std::uint64_t>(size, bytes.size() - from);
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(from);
        return Bytes(begin, begin + static_cast<std::ptrdiff_t>(count));
    };
}

Result<Scanned> scan_bytes(const Bytes& bytes) { return scan(bytes.size(), reader_of(bytes)); }

int frames_of(const Scanned& scanned) {
    int frames = 0;
    for (const auto& one : scanned.fragments) frames += one.frames;
    return frames;
}

const Bytes& with_sound() { return fixtures::clip({.seconds = 3, .sound = true}); }

} // namespace

TEST_CASE("scan: a file's fragments, frames, times and key flags are as ffprobe sees them") {
    const auto& bytes = fixtures::clip({.seconds = 3});
    const auto scanned = scan_bytes(bytes);
    REQUIRE(scanned.has_value());
    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("a.mp4"), bytes);
    const auto probed = fixtures::probe(folder.path("a.mp4"));
    CHECK(frames_of(*scanned) == probed.frames);
    CHECK(probed.frames == 75);
    CHECK(static_cast<double>(scanned->duration_ticks()) / scanned->movie.video_track().timescale == doctest::Approx(3.0));
    REQUIRE(scanned->fragments.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(scanned->fragments[i].key);
        CHECK(scanned->fragments[i].start_ticks == static_cast<std::int64_t>(i * scanned->movie.video_track().timescale));
        CHECK(scanned->fragments[i].frames == 25);
    }
    CHECK(scanned->fragments[0].offset == scanned->init_bytes);
    CHECK(scanned->fragments[1].offset == scanned->fragments[0].offset + scanned->fragments[0].bytes);
    CHECK(scanned->whole_bytes <= bytes.size()); // mfra behind it
    const auto segment = segment_of(*scanned);
    CHECK(segment.width == 320);
    CHECK(segment.height == 180);
    CHECK(segment.end == "repaired");
}

TEST_CASE("scan: codecs are named as a browser is asked, RFC 6381") {
    const auto h264 = scan_bytes(with_sound());
    REQUIRE(h264.has_value());
    CHECK(h264->movie.codecs() == "avc1.42c00c, mp4a.40.2");
    const auto h265 = scan_bytes(fixtures::clip({.seconds = 1, .codec = "libx265"}));
    REQUIRE(h265.has_value());
    CHECK(h265->movie.codecs() == "hvc1.1.6.L60.90");
}

TEST_CASE("scan: fragments that begin without a key frame say so") {
    // A key frame every second, a fragment every half.
    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("in.mp4"), fixtures::clip({.seconds = 2}));
    fixtures::output_of("ffmpeg -v error -i " + folder.path("in.mp4") + " -c copy -frag_duration 480000 -movflags empty_moov+default_base_moof " +
                        folder.path("out.mp4"));
    const auto bytes = fixtures::read_file(folder.path("out.mp4"));
    const auto scanned = scan_bytes(bytes);
    REQUIRE(scanned.has_value());
    CHECK(frames_of(*scanned) == 50);
    CHECK(std::count_if(scanned->fragments.begin(), scanned->fragments.end(), [](const Fragment& one) { return one.key; }) <
          static_cast<std::ptrdiff_t>(scanned->fragments.size()));
    CHECK(scanned->fragments.front().key);
}

TEST_CASE("scan: a file cut anywhere holds the fragments that are whole") {
    const auto& bytes = with_sound();
    const auto whole = scan_bytes(bytes);
    REQUIRE(whole.has_value());
    for (std::size_t size = 0; size < bytes.size(); size += 211) {
        const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        const auto scanned = scan_bytes(cut);
        if (size < whole->init_bytes) {
            CHECK_FALSE(scanned.has_value());
            continue;
        }
        REQUIRE(scanned.has_value());
        std::size_t expected = 0;
        std::uint64_t good = whole->init_bytes;
        for (const auto& one : whole->fragments)
            if (one.offset + one.bytes <= size) {
                ++expected;
                good = one.offset + one.bytes;
            }
        CHECK(scanned->fragments.size() == expected);
        CHECK(scanned->whole_bytes == good);
    }
}

TEST_CASE("scan: zeros where a crash left room are no fragments") {
    auto bytes = with_sound();
    const auto whole = scan_bytes(bytes);
    REQUIRE(whole.has_value());
    const auto& second = whole->fragments[1];
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(second.offset), bytes.end(), std::uint8_t{0});
    const auto scanned = scan_bytes(bytes);
    REQUIRE(scanned.has_value());
    CHECK(scanned->fragments.size() == 1);
    CHECK(scanned->whole_bytes == second.offset);
}

TEST_CASE("scan: a damaged file is an error or a shorter file, never more than it holds") {
    const auto& bytes = with_sound();
    const auto whole = scan_bytes(bytes);
    REQUIRE(whole.has_value());
    // Every byte of the init and of the first moof, each with a few values.
    const auto end = whole->init_bytes + 700;
    for (std::size_t at = 0; at < end; ++at)
        for (const int value : {0x00, 0x01, 0x7f, 0xff}) {
            auto damaged = bytes;
            damaged[at] = static_cast<std::uint8_t>(value);
            const auto scanned = scan_bytes(damaged);
            if (!scanned) continue;
            CHECK(scanned->whole_bytes <= damaged.size());
            for (const auto& one : scanned->fragments) CHECK(one.offset + one.bytes <= damaged.size());
        }
}

TEST_CASE("scan: what is no recording is told, with its bounds") {
    const std::string text = "not a film";
    CHECK(scan_bytes(Bytes(text.begin(), text.end())).error().fault() == Fault::malformed);
    CHECK(scan_bytes({}).error().fault() == Fault::malformed);
    // A moov that says it has 4 GiB is not read.
    Bytes huge{0, 0, 0, 16, 'f', 't', 'y', 'p', 'i', 's', 'o', '5', 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 'm', 'o', 'o', 'v'};
    std::size_t most = 0;
    const auto scanned = scan(1ull << 40, [&](std::uint64_t offset, std::size_t size) {
        most = std::max(most, size);
        return reader_of(huge)(offset, size);
    });
    CHECK(scanned.error().fault() == Fault::full);
    CHECK(most <= init_bytes_max);
    // Nor is what lies before it passed over without end.
    Bytes padded(huge.begin(), huge.begin() + 16);
    padded.resize(16 + init_bytes_max);
    padded[17] = 4; // 256 KiB
    std::copy_n("free", 4, padded.begin() + 20);
    CHECK(scan_bytes(padded).error().fault() == Fault::full);
}

TEST_CASE("segment names: stream and time, one spelling, in the order of time") {
    const SegmentName name{parse_time("2026-01-15T00:30:12.250Z").value(), "main"};
    CHECK(to_text(name) == "20260115T003012250Z-main.mp4");
    const auto back = read_segment_name(to_text(name));
    REQUIRE(back.has_value());
    CHECK(back->stream == "main");
    CHECK(back->started_at == name.started_at);
    CHECK(read_segment_name("20260115T003012250Z-sub-3.mp4")->number == 3);
    for (const auto* other :
         {"", ".mp4", "main.mp4", "20260115T003012250Z-main.mp4.part", "20260115T003012250z-main.mp4", "20260115T003012250Z-.mp4",
          "20260115T003012250Z-third.mp4", "20260115T003012250Z-main-0.mp4", "20260115T003012250Z-main-01.mp4", "20260115T003012250Z-main-100.mp4",
          "20260230T003012250Z-main.mp4", "2026011 T003012250Z-main.mp4", "../20260115T003012250Z-main.mp4", "20260115T003012250Zxmain.mp4"})
        CHECK_FALSE(read_segment_name(other).has_value());
}
