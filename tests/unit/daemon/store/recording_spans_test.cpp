// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/recording_packing.hpp"
#include "daemon/store/recording_spans.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

const Time midnight = parse_time("2026-06-01T00:00:00Z").value();

RecordedSegment minute_from(Duration from, Duration length = 1min) {
    RecordedSegment segment;
    segment.started_at = midnight + from;
    segment.ended_at = segment.started_at + length;
    return segment;
}
RecordingGap gap_from(Duration from, Duration to, const std::string& cause) { return {"gate-1", "main", midnight + from, midnight + to, cause}; }

/// "recorded 0-120, lost 120-180": seconds from midnight.
std::string text_of(const std::vector<RecordingSpan>& spans) {
    std::string text;
    for (const auto& one : spans)
        text += (text.empty() ? "" : ", ") + (one.recorded ? std::string("recorded") : one.cause) + ' ' + std::to_string((one.from - midnight) / 1s) +
                '-' + std::to_string((one.to - midnight) / 1s);
    return text;
}

std::string spans(const std::vector<RecordedSegment>& segments, const std::vector<RecordingGap>& gaps, Duration to, Duration known) {
    return text_of(recording_spans(segments, gaps, midnight, midnight + to, midnight + known));
}

} // namespace

TEST_CASE("recording spans: segments that follow each other are one span, and every hole has a cause") {
    CHECK(spans({minute_from(0min), minute_from(1min + 40ms), minute_from(3min)}, {}, 4min, 4min) ==
          "recorded 0-120, unknown 120-180, recorded 180-240");
    CHECK(spans({minute_from(0min), minute_from(3min)}, {gap_from(60s, 150s, "lost")}, 4min, 4min) ==
          "recorded 0-60, lost 60-150, unknown 150-180, recorded 180-240");
}

TEST_CASE("recording spans: nothing at all is unknown, not empty") {
    CHECK(spans({}, {}, 4min, 4min) == "unknown 0-240");
    CHECK(spans({}, {gap_from(-60s, 500s, "retention")}, 4min, 4min) == "retention 0-240");
}

TEST_CASE("recording spans: what is being recorded, or yet to come, is neither there nor missing") {
    CHECK(spans({minute_from(0min)}, {}, 4min, 1min) == "recorded 0-60, ahead 60-240");
    CHECK(spans({minute_from(0min)}, {}, 4min, 2min) == "recorded 0-60, unknown 60-120, ahead 120-240");
}

TEST_CASE("recording spans: segments that overlap, since a clock was set back, are told once") {
    CHECK(spans({minute_from(0min), minute_from(30s), minute_from(45s, 5s), minute_from(2min)}, {}, 3min, 3min) ==
          "recorded 0-90, unknown 90-120, recorded 120-180");
    CHECK(spans({minute_from(-30s), minute_from(100s, 1h)}, {}, 3min, 3min) == "recorded 0-30, unknown 30-100, recorded 100-180");
}

TEST_CASE("recording packing: four bytes for a fragment like the one before, as the header's example says") {
    const std::vector<pipelines::Fragment> two{{800, 250'000, 0, 90'000, 25, true}, {250'800, 250'000, 90'000, 90'000, 25, true}};
    const auto packed = pack_fragments(two);
    const Bytes last(packed.end() - 4, packed.end());
    CHECK(to_hex(last) == "1f90a10f");
    const auto back = unpack_fragments(packed);
    REQUIRE(back.has_value());
    CHECK(back->size() == 2);
    CHECK(back->at(1).offset == 250'800);
}

TEST_CASE("recording packing: any run of fragments comes back as it was") {
    std::mt19937_64 chance(11);
    for (int round = 0; round < 200; ++round) {
        std::vector<pipelines::Fragment> fragments;
        pipelines::Fragment next{chance() % 5000, 1, static_cast<std::int64_t>(chance() % 100), 1, 1, true};
        for (std::uint64_t i = chance() % 50; i > 0; --i) {
            next.bytes = static_cast<std::uint32_t>(1 + (chance() % 3 == 0 ? chance() % UINT32_MAX : chance() % 1000));
            if (chance() % 3 == 0) next.duration_ticks = static_cast<std::uint32_t>(chance());
            if (chance() % 3 == 0) next.frames = static_cast<std::uint16_t>(chance());
            next.key = chance() % 2 == 0;
            fragments.push_back(next);
            next.offset += next.bytes + (chance() % 4 == 0 ? chance() % 300 : 0);
            next.start_ticks += next.duration_ticks;
            if (chance() % 4 == 0) next.start_ticks += static_cast<std::int64_t>(chance() % 2000) - 1000;
        }
        const auto back = unpack_fragments(pack_fragments(fragments));
        REQUIRE(back.has_value());
        REQUIRE(back->size() == fragments.size());
        for (std::size_t i = 0; i < fragments.size(); ++i) {
            const auto &one = fragments[i], &other = back->at(i);
            const bool is_same = one.offset == other.offset && one.bytes == other.bytes && one.start_ticks == other.start_ticks &&
                                 one.duration_ticks == other.duration_ticks && one.frames == other.frames && one.key == other.key;
            CHECK(is_same);
        }
    }
}

TEST_CASE("recording packing: bytes that were not packed so are an error") {
    std::mt19937_64 chance(5);
    const auto packed = pack_fragments({{800, 250'000, 0, 90'000, 25, true}, {250'800, 1000, 90'000, 45'000, 12, false}});
    for (std::size_t size = 1; size < packed.size(); ++size) {
        const auto cut = unpack_fragments(ByteView(packed).first(size));
        CHECK((!cut || cut->size() == 1));
    }
    for (int round = 0; round < 2000; ++round) {
        Bytes noise(chance() % 60);
        for (auto& byte : noise) byte = static_cast<std::uint8_t>(chance());
        (void)unpack_fragments(noise);
    }
    CHECK(unpack_fragments(Bytes(segment_fragments_max * 2 + 2, 0x1f)).error().fault() == Fault::damaged);
}
