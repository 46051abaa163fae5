// SPDX-License-Identifier: Apache-2.0
//
// What the plan makes is played by ffprobe, which shares no code with it.
#include "pipelines/playback/plan.hpp"
#include "pipelines/playback/scan.hpp"
#include "tests/fixtures/clips.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace gatehouse;
using namespace gatehouse::pipelines;
using namespace gatehouse::pipelines::playback;
using namespace std::chrono_literals;

namespace {

const Time noon = parse_time("2026-01-15T12:00:00Z").value();

/// Segments on a shelf: their files in memory, as the index would have them.
struct Shelf {
    std::vector<std::shared_ptr<const Footage>> footage;
    std::vector<Bytes> files;
    mutable std::vector<std::pair<std::uint64_t, std::size_t>> reads; ///< offset and size

    void add(Bytes bytes, Time started_at) {
        const ReadAt at = [&](std::uint64_t offset, std::size_t size) -> Result<Bytes> {
            const auto count = std::min<std::uint64_t>(size, bytes.size() - offset);
            const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
            return Bytes(begin, begin + static_cast<std::ptrdiff_t>(count));
        };
        auto scanned = scan(bytes.size(), at);
        REQUIRE(scanned.has_value());
        Footage one;
        one.segment = files.size();
        one.started_at = started_at;
        one.init = std::make_shared<const Bytes>(bytes.begin(), bytes.begin() + scanned->init_bytes);
        one.fragments = scanned->fragments;
        footage.push_back(std::make_shared<const Footage>(std::move(one)));
        files.push_back(std::move(bytes));
    }
    ReadSegment reader() const {
        return [this](std::uint64_t segment, std::uint64_t offset, std::size_t size) -> Result<Bytes> {
            reads.emplace_back(offset, size);
            const auto& file = files[segment];
            if (offset >= file.size()) return Bytes();
            const auto begin = file.begin() + static_cast<std::ptrdiff_t>(offset);
            return Bytes(begin, begin + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(size, file.size() - offset)));
        };
    }
    Plan plan(Time from, Time to) const {
        auto made = Plan::make(footage, from, to);
        REQUIRE_MESSAGE(made.has_value(), (made ? std::string() : made.error().what()));
        return std::move(*made);
    }
};

Bytes all_of(const Plan& plan, const Shelf& shelf, std::size_t piece = piece_bytes_max) {
    Bytes bytes;
    while (bytes.size() < plan.bytes()) {
        const auto more = plan.read(bytes.size(), piece, shelf.reader());
        REQUIRE_MESSAGE(more.has_value(), (more ? std::string() : more.error().what()));
        REQUIRE(!more->empty());
        bytes.insert(bytes.end(), more->begin(), more->end());
    }
    CHECK(bytes.size() == plan.bytes());
    return bytes;
}

const Bytes& two_seconds() { return fixtures::clip({.seconds = 2}); }

} // namespace

TEST_CASE("playback: segments and a hole between them are one file on the wall clock, every frame in it") {
    Shelf shelf;
    shelf.add(two_seconds(), noon);
    shelf.add(two_seconds(), noon + 2s + 40ms); // measured a little late: no seam
    shelf.add(two_seconds(), noon + 14s);
    const auto plan = shelf.plan(noon, noon + 1min);
    CHECK(plan.begins_at() == noon);
    CHECK(plan.ends_at() == noon + 16s);
    CHECK_FALSE(plan.next_at().has_value());
    REQUIRE(plan.holes().size() == 1);
    CHECK(plan.holes()[0].from == noon + 4s);
    CHECK(plan.holes()[0].to == noon + 14s);

    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("all.mp4"), all_of(plan, shelf));
    const auto probed = fixtures::probe(folder.path("all.mp4"));
    CHECK(probed.frames == 150);
    CHECK(probed.duration == doctest::Approx(16.0).epsilon(0.001));
    REQUIRE(probed.times.size() == 150);
    CHECK(std::is_sorted(probed.times.begin(), probed.times.end()));
    CHECK(probed.times[50] == doctest::Approx(2.0));
    CHECK(probed.times[100] == doctest::Approx(14.0));
    CHECK(probed.keys[100]);
}

TEST_CASE("playback: a player that seeks lands on the key frame before, also behind a hole, without reading what lies between") {
    Shelf shelf;
    for (int i = 0; i < 5; ++i) shelf.add(two_seconds(), noon + i * 2s);
    shelf.add(two_seconds(), noon + 60s);
    shelf.add(two_seconds(), noon + 120s);
    const auto plan = shelf.plan(noon, noon + 1h);
    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("all.mp4"), all_of(plan, shelf));
    const auto first_after = [&](const std::string& second) {
        return fixtures::output_of("ffprobe -v error -select_streams v -read_intervals " + second +
                                   "%+#1 -show_entries packet=dts_time,flags -of csv=p=0 " + folder.path("all.mp4"));
    };
    CHECK(first_after("3.5").starts_with("3.000000,K"));
    CHECK(first_after("61.2").starts_with("61.000000,K"));
    CHECK(first_after("9.1").starts_with("9.000000,K"));
    // The index says where: what stands before it in the file may be missing.
    auto bytes = all_of(plan, shelf);
    const auto head = plan.read(0, piece_bytes_max, shelf.reader()).value().size();
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(head) + 20'000, bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() - 90'000),
              std::uint8_t{0});
    fixtures::write_file(folder.path("all.mp4"), bytes);
    CHECK(first_after("61.2").starts_with("61.000000,K"));
}

TEST_CASE("playback: sound stays with its picture over segments") {
    const auto& clip = fixtures::clip({.seconds = 2, .sound = true});
    Shelf shelf;
    shelf.add(clip, noon);
    shelf.add(clip, noon + 10s);
    const auto plan = shelf.plan(noon, noon + 1min);
    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("all.mp4"), all_of(plan, shelf));
    const auto sound = fixtures::output_of("ffprobe -v error -select_streams a -show_entries packet=dts_time -of csv=p=0 " + folder.path("all.mp4"));
    const auto single = fixtures::ClipFolder();
    fixtures::write_file(single.path("one.mp4"), clip);
    const auto alone = fixtures::output_of("ffprobe -v error -select_streams a -show_entries packet=dts_time -of csv=p=0 " + single.path("one.mp4"));
    const auto count = std::count(alone.begin(), alone.end(), '\n');
    REQUIRE(std::count(sound.begin(), sound.end(), '\n') == 2 * count);
    // The second segment's first sound, as far from its picture as the first one's.
    std::size_t at = 0;
    for (std::ptrdiff_t i = 0; i < count; ++i) at = sound.find('\n', at) + 1;
    CHECK(std::abs(std::atof(sound.c_str() + at) - 10.0 - std::atof(alone.c_str())) < 0.03);
}

TEST_CASE("playback: any range is what stands there, and reads the fragments that it touches alone") {
    Shelf shelf;
    for (int i = 0; i < 4; ++i) shelf.add(two_seconds(), noon + i * 3s);
    const auto plan = shelf.plan(noon, noon + 1min);
    const auto whole = all_of(plan, shelf);
    for (const std::size_t piece : {1'000u, 4'096u, 77'777u}) CHECK(all_of(plan, shelf, piece) == whole);
    std::uint64_t seed = 7;
    for (int i = 0; i < 500; ++i) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const auto offset = (seed >> 20) % plan.bytes();
        shelf.reads.clear();
        const auto read = plan.read(offset, 1 + (seed >> 7) % 3000, shelf.reader());
        REQUIRE(read.has_value());
        CHECK(std::equal(read->begin(), read->end(), whole.begin() + static_cast<std::ptrdiff_t>(offset)));
        CHECK(shelf.reads.size() <= 1);
    }
    const auto last = plan.read(plan.bytes() - 1, 100, shelf.reader());
    REQUIRE(last.has_value());
    CHECK(last->size() == 1);
}

TEST_CASE("playback: other parameters end the plan, and it says where the next one begins") {
    Shelf shelf;
    shelf.add(two_seconds(), noon);
    shelf.add(fixtures::clip({.seconds = 2, .size = "160x120"}), noon + 2s);
    const auto plan = shelf.plan(noon, noon + 1min);
    CHECK(plan.ends_at() == noon + 2s);
    REQUIRE(plan.next_at().has_value());
    CHECK(*plan.next_at() == noon + 2s);
    const auto next = shelf.plan(*plan.next_at(), noon + 1min);
    CHECK(next.begins_at() == noon + 2s);
    CHECK_FALSE(next.next_at().has_value());
    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("next.mp4"), all_of(next, shelf));
    const auto probed = fixtures::probe(folder.path("next.mp4"));
    CHECK(probed.width == 160);
    CHECK(probed.frames == 50);
}

TEST_CASE("playback: begins with the key frame at or before the span's beginning and ends with the span") {
    Shelf shelf;
    shelf.add(fixtures::clip({.seconds = 5}), noon);
    const auto plan = shelf.plan(noon + 2500ms, noon + 4s);
    CHECK(plan.begins_at() == noon + 2s);
    CHECK(plan.ends_at() == noon + 4s);
    CHECK(plan.fragments() == 2);
    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("part.mp4"), all_of(plan, shelf));
    const auto probed = fixtures::probe(folder.path("part.mp4"));
    CHECK(probed.frames == 50);
    CHECK(probed.times.front() == doctest::Approx(0.0));
    CHECK(Plan::make(shelf.footage, noon + 5s, noon + 9s).error().fault() == Fault::gone);
    CHECK(Plan::make(shelf.footage, noon - 9s, noon).error().fault() == Fault::gone);
    CHECK(Plan::make(shelf.footage, noon, noon).error().fault() == Fault::malformed);
    CHECK(Plan::make(shelf.footage, noon, noon + 25h).error().fault() == Fault::unsupported);
}

TEST_CASE("playback: a clock that was set back puts nothing before what came first") {
    Shelf shelf;
    shelf.add(two_seconds(), noon);
    shelf.add(two_seconds(), noon - 30s + 2s);
    shelf.add(two_seconds(), noon + 1s);
    const auto plan = shelf.plan(noon - 1s, noon + 1min);
    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("all.mp4"), all_of(plan, shelf));
    const auto probed = fixtures::probe(folder.path("all.mp4"));
    CHECK(probed.frames == 150);
    CHECK(std::is_sorted(probed.times.begin(), probed.times.end()));
    CHECK(probed.duration == doctest::Approx(6.0).epsilon(0.001));
}

TEST_CASE("playback: a file that is not what the index says ends the reading, not the gateway") {
    Shelf shelf;
    shelf.add(two_seconds(), noon);
    const auto plan = shelf.plan(noon, noon + 1min);
    const auto head = plan.read(0, piece_bytes_max, shelf.reader()).value().size();
    shelf.files[0][shelf.footage[0]->fragments[0].offset + 5] ^= 1;
    CHECK(plan.read(head, 100, shelf.reader()).error().fault() == Fault::damaged);
    const auto& last = shelf.footage[0]->fragments[1];
    shelf.files[0].resize(last.offset + last.bytes - 5);
    CHECK(plan.read(plan.bytes() - 10, 10, shelf.reader()).error().fault() == Fault::damaged);
    shelf.files[0].resize(last.offset + 10);
    CHECK(plan.read(plan.bytes() - 10, 10, shelf.reader()).error().fault() == Fault::damaged);
}

TEST_CASE("playback: the tag is the plan's: the same for the same, another for any other") {
    Shelf shelf;
    shelf.add(two_seconds(), noon);
    const auto before = shelf.plan(noon, noon + 1min).tag();
    CHECK(before == shelf.plan(noon, noon + 1min).tag());
    CHECK(before != shelf.plan(noon, noon + 1s).tag());
    shelf.add(two_seconds(), noon + 5s);
    CHECK(before != shelf.plan(noon, noon + 1min).tag());
}

TEST_CASE("playback: a day of fragments is one index that a browser can hold") {
    Shelf shelf;
    shelf.add(two_seconds(), noon);
    const auto first = shelf.footage.front();
    const auto timescale = read_movie(*first->init).value().video_track().timescale;
    std::vector<std::shared_ptr<const Footage>> day;
    for (int minute = 0; minute < 24 * 60; ++minute) {
        Footage one;
        one.segment = 0;
        one.started_at = noon + minute * 1min;
        one.init = first->init;
        for (int second = 0; second < 60; ++second) {
            auto fragment = first->fragments.front();
            fragment.start_ticks = std::int64_t{second} * timescale;
            fragment.duration_ticks = timescale;
            one.fragments.push_back(fragment);
        }
        day.push_back(std::make_shared<const Footage>(std::move(one)));
    }
    auto plan = Plan::make(day, noon, noon + 24h);
    REQUIRE(plan.has_value());
    CHECK(plan->fragments() == 24 * 3600);
    CHECK(plan->ends_at() == noon + 24h);
    const auto head = plan->read(0, piece_bytes_max, shelf.reader()).value();
    CHECK(head.size() < 100'000);
    const auto late = plan->read(plan->bytes() - 1000, 1000, shelf.reader());
    REQUIRE(late.has_value());
    CHECK(late->size() == 1000);
}
