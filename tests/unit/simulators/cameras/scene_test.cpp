// SPDX-License-Identifier: Apache-2.0
//
// What the scenes show against what their truth says, looked at pixel by pixel.
#include "tests/simulators/cameras/scene/film.hpp"
#include "tests/simulators/cameras/scene/glyphs.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

namespace {

using namespace gatehouse::simulators::cameras;

struct Watched {
    Truth truth;
    std::vector<double> brightness; // of each frame
    std::vector<double> change;     // mean difference of each frame to the one before
    std::vector<std::vector<std::uint8_t>> frames;
};

Watched watch(const std::string& name, std::uint64_t seed = 1) {
    Scene scene({.name = name, .width = 192, .height = 108, .fps = 10, .seconds = 8, .seed = seed});
    Watched watched;
    for (int i = 0; i < scene.frames(); ++i) {
        const Canvas& canvas = scene.draw_next();
        watched.frames.emplace_back(canvas.bytes().begin(), canvas.bytes().begin() + canvas.width() * canvas.height());
        const auto& now = watched.frames.back();
        double sum = 0, difference = 0;
        for (std::size_t p = 0; p < now.size(); ++p) {
            sum += now[p];
            if (i > 0) difference += std::abs(now[p] - watched.frames[static_cast<std::size_t>(i) - 1][p]);
        }
        watched.brightness.push_back(sum / static_cast<double>(now.size()));
        watched.change.push_back(difference / static_cast<double>(now.size()));
    }
    watched.truth = scene.truth();
    return watched;
}

bool is_so(const Truth& truth, std::string_view what, int frame) {
    for (const Span& span : truth.spans)
        if (span.what == what && frame >= span.first && frame <= span.last) return true;
    return false;
}

// How much of `now` inside the box is far from the frame `before`.
double moved(const std::vector<std::uint8_t>& before, const std::vector<std::uint8_t>& now, const Box& box) {
    int far = 0;
    for (int y = box.y; y < box.y + box.height; ++y)
        for (int x = box.x; x < box.x + box.width; ++x) {
            const auto at = static_cast<std::size_t>(y * 192 + x);
            far += std::abs(now[at] - before[at]) > 20;
        }
    return static_cast<double>(far) / std::max(1, box.width * box.height);
}

} // namespace

TEST_CASE("scene: the same seed draws the same frames, another one others") {
    const Watched one = watch("gate_day"), same = watch("gate_day"), other = watch("gate_day", 2);
    CHECK(one.frames == same.frames);
    CHECK(one.frames.front() != other.frames.front());
    CHECK(one.truth.objects.front().plate != other.truth.objects.front().plate);
}

TEST_CASE("scene: a car or walker stands where its box is, and nothing else differs from the empty gate") {
    for (const std::string name : {"gate_day", "walkers"}) {
        CAPTURE(name);
        const Watched watched = watch(name);
        const auto& empty = watched.frames.front();
        REQUIRE(watched.truth.objects.size() >= 3);
        for (const SeenObject& object : watched.truth.objects) {
            REQUIRE(object.boxes.size() > 5);
            const std::size_t middle = object.boxes.size() / 2;
            CAPTURE(object.id);
            CHECK(moved(empty, watched.frames[static_cast<std::size_t>(object.first) + middle], object.boxes[middle]) > 0.25);
            // Long before and long after nobody is there.
            CHECK(moved(empty, watched.frames.back(), object.boxes[middle]) < 0.05);
        }
    }
}

TEST_CASE("scene: motion is told where something moves, and only there") {
    const Watched watched = watch("gate_day");
    int told = 0, still = 0;
    for (std::size_t i = 1; i < watched.frames.size(); ++i) {
        const bool moves = moved(watched.frames[i - 1], watched.frames[i], {0, 0, 192, 108}) > 0.001;
        const bool is_told = is_so(watched.truth, "motion", static_cast<int>(i));
        if (moves) CHECK_MESSAGE(is_told, "frame ", i);
        told += is_told, still += !moves && !is_told;
    }
    CHECK(told > 20);
    CHECK(still > 5);
}

TEST_CASE("scene: light jumps are told at the frames where the light changes, and nothing moves in them") {
    const Watched watched = watch("light_jumps");
    for (std::size_t i = 1; i < watched.frames.size(); ++i) {
        const bool jumps = std::abs(watched.brightness[i] - watched.brightness[i - 1]) > 1;
        if (jumps) CHECK_MESSAGE(is_so(watched.truth, "light_jump", static_cast<int>(i)), "frame ", i);
    }
    CHECK(watched.truth.objects.empty());
    CHECK_FALSE(is_so(watched.truth, "motion", 40));
    CHECK(watched.truth.spans.size() == 4); // lamp on, lamp off, the cloud's coming and going, exposure
}

TEST_CASE("scene: night is darker and noisier than day, and an empty scene is still") {
    const Watched day = watch("empty"), night = watch("empty_night");
    CHECK(night.brightness[10] < day.brightness[10] * 0.6);
    CHECK(night.change[10] > day.change[10] * 1.5);
    CHECK(day.change[10] < 3);
    CHECK(day.truth.spans.empty());
    CHECK(is_so(night.truth, "night", 0));
}

TEST_CASE("scene: what is wrong with a picture is so in its span, and over afterwards") {
    const auto detail = [](const std::vector<std::uint8_t>& frame) {
        double sum = 0;
        for (std::size_t p = 1; p < frame.size(); ++p) sum += std::abs(frame[p] - frame[p - 1]);
        return sum / static_cast<double>(frame.size());
    };
    const Watched frozen = watch("frozen"), covered = watch("covered"), blurred = watch("blurred");
    CHECK(frozen.frames[40] == frozen.frames[30]);
    CHECK(is_so(frozen.truth, "frozen", 40));
    CHECK(frozen.frames[60] != frozen.frames[59]);
    CHECK_FALSE(is_so(frozen.truth, "frozen", 60));
    CHECK(covered.brightness[40] < 40);
    CHECK(is_so(covered.truth, "covered", 40));
    CHECK(covered.brightness[60] > 80);
    CHECK(detail(blurred.frames[40]) < detail(blurred.frames[20]) * 0.7);
    CHECK(is_so(blurred.truth, "blurred", 40));
    CHECK_FALSE(is_so(blurred.truth, "blurred", 60));
}

TEST_CASE("scene: every scene there is can be drawn; what there is not is refused") {
    for (const SceneName& each : scene_names()) {
        Scene scene({.name = std::string(each.name), .width = 64, .height = 64, .fps = 5, .seconds = 2});
        for (int i = 0; i < scene.frames(); ++i) scene.draw_next();
    }
    CHECK_THROWS_AS(Scene({.name = "beach"}), std::invalid_argument);
    CHECK_THROWS_AS(Scene({.name = "empty", .width = 641}), std::invalid_argument);
    CHECK_THROWS_AS(Scene({.name = "empty", .seconds = 3600}), std::invalid_argument);
}

TEST_CASE("scene: plates are whole, blue ones of seven characters and green ones of eight") {
    int green = 0;
    for (std::uint64_t number = 0; number < 2000; number += 7) {
        const std::string plate = plate_from(number * 7919);
        CHECK((plate.size() == 9 || plate.size() == 10));
        green += plate.size() == 10;
    }
    CHECK(green > 20);
    CHECK(green < 200);
}

TEST_CASE("film: a name says all that a film is of") {
    const FilmChoice choice{.scene = {.name = "gate_night", .width = 640, .height = 360, .seconds = 2.5, .seed = 7}, .codec = "h265"};
    CHECK(film_name(choice) == "gate_night-640x360-25fps-2.5s-h265-k1-seed7-v" + std::to_string(generator_version));
}
