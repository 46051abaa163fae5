// SPDX-License-Identifier: Apache-2.0
//
// The watcher before the drawn gate (tests/simulators/cameras/scene), whose truth is known.
#include "pipelines/watch/watcher.hpp"
#include "tests/simulators/cameras/scene/scene.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace gatehouse::pipelines::watch {
namespace {

using simulators::cameras::Canvas;
using simulators::cameras::Scene;
using namespace std::chrono_literals;

constexpr int width = 960, height = 540, fps = 5;

struct Told {
    std::size_t right = 0, wrong = 0, missed = 0; // pictures; the first and last of a motion count neither way
    std::size_t motions = 0, light_jumps = 0;
    std::vector<Blindness> lost, restored;
    std::size_t persons_right = 0, persons_wrong = 0;

    double precision() const { return static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(1, right + wrong)); }
    double recall() const { return static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(1, right + missed)); }
};

bool lies_in_person(const Scene& scene, int frame, const Box& ours) {
    const double x = (ours.x + ours.width / 2) * width, y = (ours.y + ours.height / 2) * height;
    return std::any_of(scene.truth().objects.begin(), scene.truth().objects.end(), [&](const auto& object) {
        const int at = frame - object.first;
        if (object.kind != "person" || at < 0 || at >= static_cast<int>(object.boxes.size())) return false;
        const auto& box = object.boxes[static_cast<std::size_t>(at)];
        return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
    });
}

Told look_at(const char* name, bool persons = false) {
    Scene scene({.name = name, .width = width, .height = height, .fps = fps, .seconds = 20, .seed = 3});
    auto watcher = Watcher::open({.motion_ends_after = 1000ms, .blind_after = 2000ms, .frozen_after = 4000ms, .persons = persons});
    REQUIRE(watcher.has_value());
    const auto frames = static_cast<std::size_t>(scene.frames());
    std::vector<char> said(frames), moves(frames), edge(frames);
    Told told;
    const Canvas* canvas = nullptr;
    for (int frame = 0; frame < scene.frames() + 2 * fps; ++frame) {
        if (frame < scene.frames()) canvas = &scene.draw_next();
        const auto luma = canvas->bytes().first(static_cast<std::size_t>(width * height));
        const auto number = [](Time at) { return static_cast<int>((to_us(at) + 1000) * fps / 1'000'000); };
        for (const Seen& each : watcher->on({.width = width, .height = height, .gray = {luma, width}, .at = from_us(1'000'000ll * frame / fps)})) {
            if (const auto* ended = std::get_if<MotionEnded>(&each)) {
                ++told.motions;
                for (int i = number(ended->started_at); i <= std::min(number(ended->last_at), scene.frames() - 1); ++i)
                    said[static_cast<std::size_t>(i)] = 1;
            }
            if (std::holds_alternative<LightJumped>(each)) ++told.light_jumps;
            if (const auto* lost = std::get_if<SightLost>(&each)) told.lost.push_back(lost->why);
            if (const auto* restored = std::get_if<SightRestored>(&each)) told.restored.push_back(restored->why);
            if (const auto* seen = std::get_if<PersonsSeen>(&each))
                for (const Detection& person : seen->persons) ++(lies_in_person(scene, frame, person.box) ? told.persons_right : told.persons_wrong);
        }
    }
    for (const auto& span : scene.truth().spans) {
        if (span.what != "motion") continue;
        for (int i = span.first; i <= span.last; ++i) moves[static_cast<std::size_t>(i)] = 1;
        edge[static_cast<std::size_t>(span.first)] = edge[static_cast<std::size_t>(span.last)] = 1;
    }
    for (std::size_t i = 0; i < frames; ++i) {
        if (edge[i]) continue;
        told.right += moves[i] && said[i];
        told.wrong += !moves[i] && said[i];
        told.missed += moves[i] && !said[i];
    }
    return told;
}

} // namespace

TEST_CASE("watch: at the drawn gate motion is told picture by picture, by day, in rain and at night") {
    for (const char* scene : {"gate_day", "gate_rain"}) {
        CAPTURE(scene);
        const Told told = look_at(scene);
        CHECK(told.precision() >= 0.9);
        CHECK(told.recall() >= 0.9);
        CHECK(told.lost.empty());
    }
    const Told night = look_at("gate_night");
    CHECK(night.precision() >= 0.95);
    CHECK(night.recall() >= 0.8); // at half the size that cameras have the noise is twice as strong
    CHECK(night.lost.empty());
}

TEST_CASE("watch: at the drawn gate a lamp, a cloud and the exposure are light, and nothing is nothing") {
    const Told light = look_at("light_jumps");
    CHECK(light.motions == 0);
    CHECK(light.light_jumps >= 4);
    for (const char* scene : {"empty", "empty_night"}) {
        CAPTURE(scene);
        const Told told = look_at(scene);
        CHECK(told.motions == 0);
        CHECK(told.light_jumps == 0);
        CHECK(told.lost.empty());
    }
}

TEST_CASE("watch: at the drawn gate a lens that is covered, out of focus or stuck is named, and its cars are seen before and after") {
    const std::vector<std::pair<const char*, Blindness>> scenes{
        {"covered", Blindness::covered}, {"blurred", Blindness::blurred}, {"frozen", Blindness::frozen}};
    for (const auto& [scene, why] : scenes) {
        CAPTURE(scene);
        const Told told = look_at(scene);
        REQUIRE(told.lost.size() == 1);
        CHECK(told.lost[0] == why);
        CHECK(told.restored == told.lost);
        CHECK(told.motions == 2);
        CHECK(told.precision() >= 0.95);
    }
}

TEST_CASE("watch: walkers before the drawn gate are persons, cars are none") {
    const Told walkers = look_at("walkers", true);
    CHECK(walkers.persons_right >= 8);
    CHECK(walkers.persons_wrong <= 1);
    const Told cars = look_at("cars", true);
    CHECK(cars.persons_wrong <= 1);
}

} // namespace gatehouse::pipelines::watch
