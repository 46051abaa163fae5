// SPDX-License-Identifier: Apache-2.0
//
// The scenes by name, drawn frame by frame from a seed, with what is really to be seen. The last frame goes over into the first (but for the
// noise), so that a scene may be looped.
#pragma once

#include "tests/simulators/cameras/scene/gate.hpp"
#include "tests/simulators/cameras/scene/light.hpp"
#include "tests/simulators/cameras/scene/truth.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gatehouse::simulators::cameras {

/// Part of the name of every file made: another number draws everything anew.
constexpr int generator_version = 3;

constexpr int scene_width_max = 4096, scene_height_max = 2304;
constexpr double scene_seconds_min = 2, scene_seconds_max = 120;

struct SceneName {
    std::string_view name;
    std::string_view meaning;
};
std::span<const SceneName> scene_names();

struct SceneChoice {
    std::string name = "gate_day";
    int width = 1920, height = 1080; // multiples of 4
    int fps = 25;
    double seconds = 30;
    std::uint64_t seed = 1;
};

class Scene {
public:
    /// Throws std::invalid_argument at a name, size, rate or length that there is not.
    explicit Scene(SceneChoice choice);

    const SceneChoice& choice() const { return choice_; }
    int frames() const { return frames_; }

    /// The next frame, valid until the next call; to be called frames() times. The truth is whole after the last.
    const Canvas& draw_next();
    const Truth& truth() const { return truth_; }

private:
    struct Visit {
        bool is_car = false;
        bool comes_in = true; // walkers: to the right
        int first = 0, frames = 0;
        std::uint64_t looks = 0;
        std::size_t object = 0; // in truth_.objects, once seen
        bool was_seen = false;
    };
    void plan();
    void visit(bool is_car, bool comes_in, double at, double lasts);
    bool is_within(double from, double to) const; // of the scene's length
    double barrier_lift() const;
    void draw_visitors();
    void see(Visit& visit, Box box);
    void change_light();
    bool is(std::string_view name) const { return choice_.name == name; }

    SceneChoice choice_;
    int frames_;
    bool is_night_, is_rain_;
    Gate gate_;
    Noise noise_;
    std::mt19937_64 random_;
    std::vector<Visit> visits_;
    Truth truth_;
    Canvas canvas_;
    int frame_ = 0;
    double last_lift_ = 0;
};

} // namespace gatehouse::simulators::cameras
