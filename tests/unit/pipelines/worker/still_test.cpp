// SPDX-License-Identifier: Apache-2.0
//
// Stills drawn from films that ffmpeg made, judged by ffmpeg: what is decoded from the JPEG is what is seen in the film.
#include "pipelines/worker/still.hpp"

#include "pipelines/link/artist.hpp"
#include "pipelines/link/codec.hpp"
#include "tests/fixtures/clips.hpp"
#include "tests/paths.hpp"
#include "tests/unit/daemon/net/on_loop.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace gatehouse;
using namespace gatehouse::pipelines;

namespace {

DrawStill asked(const fixtures::Clip& clip, std::uint16_t width_max) {
    DrawStill still;
    still.film = fixtures::clip(clip);
    still.width_max = width_max;
    return still;
}

/// Width and height, and the mean difference per sample between the JPEG and the film's first frame, both shown as gray of that size.
struct Seen {
    int width = 0, height = 0;
    double difference = 255;
};
Seen seen(const Bytes& jpeg, const fixtures::Clip& clip) {
    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("still.jpg"), jpeg);
    fixtures::write_file(folder.path("film.mp4"), fixtures::clip(clip));
    const auto probed = fixtures::probe(folder.path("still.jpg"));
    Seen seen{probed.width, probed.height};
    const auto gray = [&](const std::string& file) {
        const auto raw = folder.path("raw");
        fixtures::output_of("ffmpeg -v error -y -i " + folder.path(file) + " -frames:v 1 -vf scale=" + std::to_string(seen.width) + ":" +
                            std::to_string(seen.height) + ":flags=area -pix_fmt gray -f rawvideo " + raw);
        return fixtures::read_file(raw);
    };
    const auto one = gray("still.jpg"), other = gray("film.mp4");
    REQUIRE(one.size() == other.size());
    REQUIRE(!one.empty());
    double sum = 0;
    for (std::size_t i = 0; i < one.size(); ++i) sum += std::abs(static_cast<int>(one[i]) - static_cast<int>(other[i]));
    seen.difference = sum / static_cast<double>(one.size());
    return seen;
}

} // namespace

TEST_CASE("still: the film's first picture as a JPEG, of H.264 and H.265, smaller by a whole factor where it is asked for") {
    for (const auto* codec : {"libx264", "libx265"}) {
        CAPTURE(codec);
        const fixtures::Clip clip{.seconds = 1, .size = "640x360", .codec = codec, .sound = std::string(codec) == "libx264"};
        for (const auto& [width_max, width, height] :
             {std::tuple(3840, 640, 360), std::tuple(640, 640, 360), std::tuple(639, 320, 180), std::tuple(160, 160, 90)}) {
            CAPTURE(width_max);
            const auto still = draw_still(asked(clip, static_cast<std::uint16_t>(width_max)));
            REQUIRE_MESSAGE(still.has_value(), (still ? "" : still.error().what()));
            CHECK(still->width == width);
            CHECK(still->height == height);
            const auto judged = seen(still->jpeg, clip);
            CHECK(judged.width == width);
            CHECK(judged.height == height);
            CHECK_MESSAGE(judged.difference < 5, judged.difference);
        }
    }
}

TEST_CASE("still: what is no film, a torn one and one without its picture are refused, not drawn") {
    DrawStill still;
    still.width_max = 160;
    still.film = Bytes(5000, 0xff);
    CHECK(draw_still(still).error().fault() == Fault::malformed);
    still.film = fixtures::clip({.seconds = 1});
    for (const auto part : {10u, 200u, 600u, 900u}) {
        DrawStill torn = still;
        torn.film.resize(part);
        CHECK(draw_still(torn).has_error());
    }
    // Noise in the picture: drawn or refused, as the decoder likes; either way we are there afterwards.
    SeededEntropy entropy(5);
    for (int i = 0; i < 50; ++i) {
        DrawStill noisy = still;
        for (int hit = 0; hit < 20; ++hit) noisy.film[entropy.below(noisy.film.size())] = static_cast<std::uint8_t>(entropy.below(256));
        if (const auto drawn = draw_still(noisy)) CHECK(drawn->jpeg.size() < still_jpeg_bytes_max);
    }
}

TEST_CASE("artist: a process of its own draws, many at once within the bounds, and one that is given noise ends alone") {
    net::OnLoop real;
    const auto children = net::make_system_children(real.loop);
    Artist artist(*children, tests::program_path("gatehouse-media"), real.clock);
    const fixtures::Clip clip{.seconds = 1, .size = "640x360"};
    const auto still = real.run<Result<Still>>(artist.draw(asked(clip, 160)));
    REQUIRE_MESSAGE(still.has_value(), (still ? "" : still.error().what()));
    CHECK(still->width == 160);
    CHECK(seen(still->jpeg, clip).difference < 5);
    DrawStill noise;
    noise.film = Bytes(5000, 0xff);
    noise.width_max = 160;
    CHECK(real.run<Result<Still>>(artist.draw(noise)).error().fault() == Fault::malformed);
    DrawStill large;
    large.film = Bytes(still_film_bytes_max + 1);
    large.width_max = 160;
    CHECK(real.run<Result<Still>>(artist.draw(large)).error().fault() == Fault::full);
    CHECK(real.run<Result<Still>>(artist.draw(asked(clip, 320))).has_value());
}
