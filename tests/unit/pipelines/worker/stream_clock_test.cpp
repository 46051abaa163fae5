// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/stream_clock.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

using namespace gatehouse::pipelines;

TEST_CASE("stream clock: times of the camera begin at nothing and keep their distances") {
    StreamClock clock;
    CHECK(clock.next(1'000'000, std::nullopt).decode == 0);
    CHECK(clock.next(1'003'600, std::nullopt).decode == 3600);
    CHECK(clock.next(1'010'800, std::nullopt).decode == 10'800);
    CHECK(clock.mended() == 0);
}

TEST_CASE("stream clock: a jump, a step back, a repeat or no time at all is one frame's length") {
    for (const auto& odd : {std::optional<std::int64_t>(900'000'000), std::optional<std::int64_t>(0), std::optional<std::int64_t>(3600),
                            std::optional<std::int64_t>(), std::optional<std::int64_t>(std::numeric_limits<std::int64_t>::min()),
                            std::optional<std::int64_t>(std::numeric_limits<std::int64_t>::max())}) {
        StreamClock clock;
        clock.next(0, {});
        clock.next(3600, {});
        CHECK(clock.next(odd, {}).decode == 7200);
        CHECK(clock.mended() == 1);
        // From there on it goes as the camera says.
        const auto from = odd.value_or(0);
        if (!odd || from > 1'000'000'000 || from < 0) continue;
        CHECK(clock.next(from + 3600, {}).decode == 10'800);
        CHECK(clock.mended() == 1);
    }
}

TEST_CASE("stream clock: decode times only go forward, whatever is said") {
    StreamClock clock;
    std::uint64_t state = 99;
    std::int64_t last = -1;
    for (int i = 0; i < 10'000; ++i) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const auto said = static_cast<std::int64_t>(state);
        const auto stamps = clock.next(i % 7 == 0 ? std::nullopt : std::optional(said), i % 3 == 0 ? std::nullopt : std::optional(said / 2));
        REQUIRE(stamps.decode > last);
        REQUIRE(stamps.present >= stamps.decode);
        REQUIRE(stamps.present - stamps.decode <= StreamClock::delay_ticks_max);
        last = stamps.decode;
    }
}

TEST_CASE("stream clock: a frame is presented as long after decoding as the camera says, within two seconds") {
    StreamClock clock;
    CHECK(clock.next(0, 7200).present == 7200);
    CHECK(clock.next(3600, 3600).present == 3600);
    CHECK(clock.next(7200, 3600).present == 7200); // never before
    CHECK(clock.next(10'800, 900'000'000).present == 10'800);
}
