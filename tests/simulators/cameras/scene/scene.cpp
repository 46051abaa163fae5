// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/scene/scene.hpp"

#include "tests/simulators/cameras/scene/glyphs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace gatehouse::simulators::cameras {
namespace {

constexpr std::array names{
    SceneName{"gate_day", "a car comes in, another goes out, somebody walks by; stillness between"},
    SceneName{"gate_rain", "the same in rain"},
    SceneName{"gate_night", "the same at night, with head lamps and noise"},
    SceneName{"cars", "one car after the other, in and out"},
    SceneName{"walkers", "people on foot"},
    SceneName{"light_jumps", "dusk, nobody about: a lamp goes on and off, a cloud passes, the exposure jumps"},
    SceneName{"empty", "nothing happens by day"},
    SceneName{"empty_night", "nothing happens at night"},
    SceneName{"covered", "something lies on the lens for a while; a car before and after"},
    SceneName{"frozen", "the picture stands still for a while; a car before and after"},
    SceneName{"blurred", "out of focus for a while; a car before and after"},
};

// What is wrong with the picture in covered, frozen and blurred is so from here to there.
constexpr double wrong_from = 0.35, wrong_to = 0.65;

constexpr std::array paints{rgb(235, 235, 235), rgb(30, 32, 36), rgb(150, 155, 160), rgb(140, 25, 30), rgb(30, 55, 110), rgb(190, 170, 130)};
constexpr std::array coats{rgb(160, 40, 40), rgb(40, 60, 120), rgb(60, 60, 60), rgb(220, 200, 90), rgb(60, 110, 70), rgb(230, 230, 225)};
constexpr std::array trousers{rgb(35, 40, 60), rgb(50, 50, 50), rgb(110, 95, 75)};

// A car that comes in stands before the barrier during this part of its visit, while the arm goes up.
constexpr double stop_from = 0.3, stop_to = 0.45;
constexpr double car_leaves_at_near = 1.85;

double car_near(bool comes_in, double part) {
    if (!comes_in) return car_leaves_at_near * std::pow(1 - part, 1.5);
    constexpr double stands_at = barrier_near - 0.03;
    if (part < stop_from) return stands_at * std::pow(part / stop_from, 1.3);
    if (part < stop_to) return stands_at;
    return stands_at + (car_leaves_at_near - stands_at) * std::pow((part - stop_to) / (1 - stop_to), 1.5);
}

SceneChoice checked(SceneChoice choice) {
    if (std::none_of(names.begin(), names.end(), [&](const SceneName& each) { return each.name == choice.name; }))
        throw std::invalid_argument("there is no scene " + choice.name);
    if (choice.width < 64 || choice.width > scene_width_max || choice.width % 4 || choice.height < 64 || choice.height > scene_height_max ||
        choice.height % 4)
        throw std::invalid_argument("width and height are multiples of 4 from 64 to 4096 by 2304");
    if (choice.fps < 1 || choice.fps > 60) throw std::invalid_argument("fps is 1 to 60");
    if (!(choice.seconds >= scene_seconds_min && choice.seconds <= scene_seconds_max)) throw std::invalid_argument("seconds are 2 to 120");
    return choice;
}

} // namespace

std::span<const SceneName> scene_names() { return names; }

Scene::Scene(SceneChoice choice)
    : choice_(checked(std::move(choice))), frames_(static_cast<int>(std::lround(choice_.seconds * choice_.fps))),
      is_night_(choice_.name.ends_with("night")), is_rain_(is("gate_rain")), gate_(choice_.width, choice_.height, choice_.seed),
      noise_(choice_.seed + 1), random_(choice_.seed + 2), canvas_(choice_.width, choice_.height) {
    plan();
}

void Scene::visit(bool is_car, bool comes_in, double at, double lasts) {
    visits_.push_back({.is_car = is_car,
                       .comes_in = comes_in,
                       .first = static_cast<int>(at * frames_),
                       .frames = std::max(2, static_cast<int>(lasts * frames_)),
                       .looks = random_()});
}

void Scene::plan() {
    if (choice_.name.starts_with("gate_")) {
        visit(true, true, 0.07, 0.24);
        visit(true, false, 0.41, 0.18);
        visit(false, true, 0.68, 0.25);
    } else if (is("cars")) {
        visit(true, true, 0.02, 0.22);
        visit(true, false, 0.26, 0.16);
        visit(true, true, 0.50, 0.22);
        visit(true, false, 0.76, 0.16);
    } else if (is("walkers")) {
        visit(false, true, 0.05, 0.3);
        visit(false, false, 0.1, 0.28);
        visit(false, false, 0.5, 0.2);
        visit(false, true, 0.72, 0.25);
    } else if (is("covered") || is("frozen") || is("blurred")) {
        visit(true, false, 0.08, 0.18);
        visit(true, true, 0.72, 0.24);
    }
}

bool Scene::is_within(double from, double to) const { return frame_ >= from * frames_ && frame_ < to * frames_; }

double Scene::barrier_lift() const {
    double lift = 0;
    for (const Visit& visit : visits_) {
        if (!visit.is_car) continue;
        const double part = static_cast<double>(frame_ - visit.first) / visit.frames;
        // Up while the car stands before it (or comes from within), down when it is through.
        const double up = visit.comes_in ? stop_from : 0.25, down = visit.comes_in ? 0.75 : 0.8;
        if (part >= up && part <= 1) lift = std::max(lift, std::min({1.0, (part - up) / 0.13, std::max(0.0, (down + 0.13 - part) / 0.13)}));
    }
    return lift;
}

void Scene::see(Visit& visit, Box box) {
    if (box.width < 4 || box.height < 4) return;
    if (!visit.was_seen) {
        visit.was_seen = true;
        visit.object = truth_.objects.size();
        const std::string_view way = visit.is_car ? (visit.comes_in ? "in" : "out") : (visit.comes_in ? "right" : "left");
        truth_.objects.push_back({.id = static_cast<int>(truth_.objects.size()) + 1,
                                  .kind = visit.is_car ? "car" : "person",
                                  .plate = visit.is_car ? plate_from(visit.looks) : std::string(),
                                  .way = way,
                                  .first = frame_,
                                  .boxes = {}});
    }
    truth_.objects[visit.object].boxes.push_back(box);
}

void Scene::draw_visitors() {
    struct Standing {
        double near;
        Visit* visit;
    };
    std::vector<Standing> standing;
    bool moves = false;
    for (Visit& visit : visits_) {
        if (frame_ == visit.first + visit.frames) moves = true; // gone since the last frame
        if (frame_ < visit.first || frame_ >= visit.first + visit.frames) continue;
        const double part = static_cast<double>(frame_ - visit.first) / visit.frames;
        const double near = visit.is_car ? car_near(visit.comes_in, part) : 0.4 + 0.35 * static_cast<double>(visit.looks % 100) / 100;
        if (!visit.is_car || !visit.comes_in || part < stop_from || part >= stop_to) moves = true;
        standing.push_back({near, &visit});
    }
    std::sort(standing.begin(), standing.end(), [](const Standing& a, const Standing& b) { return a.near < b.near; });

    const double lift = barrier_lift();
    bool barrier_stands = false;
    const auto draw_barrier = [&] {
        gate_.draw_barrier(canvas_, lift);
        barrier_stands = true;
    };
    std::vector<Gate::Car> lit;
    for (const Standing& each : standing) {
        if (!barrier_stands && each.near > barrier_near) draw_barrier();
        Visit& visit = *each.visit;
        const double part = static_cast<double>(frame_ - visit.first) / visit.frames;
        if (visit.is_car) {
            const Gate::Car car{.near = each.near,
                                .side = visit.comes_in ? -0.45 : 0.45,
                                .faces_us = visit.comes_in,
                                .paint = paints[visit.looks % paints.size()],
                                .plate = plate_from(visit.looks)};
            see(visit, gate_.draw_car(canvas_, car));
            lit.push_back(car);
        } else {
            // From beyond one edge of the picture to beyond the other, in steps of a good half metre.
            const double edge = 0.56 * choice_.width / (gate_.place(each.near, 1).x - gate_.place(each.near, 0).x);
            const double way = edge * (2 * part - 1);
            const Gate::Walker walker{.near = each.near,
                                      .side = visit.comes_in ? way : -way,
                                      .height_m = 1.55 + 0.3 * static_cast<double>(visit.looks / 100 % 100) / 100,
                                      .stride = way * 4 / 1.3,
                                      .coat = coats[visit.looks % coats.size()],
                                      .trousers = trousers[visit.looks % trousers.size()]};
            see(visit, gate_.draw_walker(canvas_, walker));
        }
    }
    if (!barrier_stands) draw_barrier();
    if (is_night_) {
        expose(canvas_, 0.22, 0.45);
        gate_.draw_lamp_light(canvas_, 55);
        for (const Gate::Car& car : lit) gate_.draw_head_lamps(canvas_, car);
    }
    if (lift != last_lift_) moves = true;
    last_lift_ = lift;
    if (moves) truth_.note("motion", frame_, choice_.fps);
}

// Each jump is noted while the light changes.
void Scene::change_light() {
    const double second = frame_ / static_cast<double>(choice_.fps), length = choice_.seconds;
    const auto since = [&](double part) { return second - part * length; };
    double gain = 0.55;
    if (is_within(0.55, 0.8)) // a cloud comes within a second and goes so
        gain *= 1 - 0.4 * std::clamp(std::min(since(0.55), 0.8 * length - second), 0.0, 1.0);
    if (since(0.88) >= 0 && since(0.88) < 1) gain *= 1.6 - 0.6 * since(0.88); // the exposure jumps and settles
    expose(canvas_, gain, 0.9);
    if (is_within(0.15, 0.4)) gate_.draw_lamp_light(canvas_, 80);
    const double one_frame = 1.0 / choice_.fps;
    const auto jumps = [&](double part, double lasts) { return since(part) >= 0 && since(part) < lasts; };
    if (jumps(0.15, one_frame) || jumps(0.4, one_frame) || jumps(0.55, 1 + one_frame) || jumps(0.8 - 1 / length, 1 + one_frame) ||
        jumps(0.88, 1 + one_frame))
        truth_.note("light_jump", frame_);
}

const Canvas& Scene::draw_next() {
    const bool is_wrong = is_within(wrong_from, wrong_to);
    if (is_wrong && is("frozen")) {
        truth_.note("frozen", frame_++);
        return canvas_;
    }
    std::copy(gate_.background().bytes().begin(), gate_.background().bytes().end(), canvas_.luma().data());
    draw_visitors();
    if (is("light_jumps")) change_light();
    if (is_rain_) {
        expose(canvas_, 0.75, 0.7);
        rain(canvas_, choice_.seed + 3, frame_, 350);
        truth_.note("rain", frame_);
    }
    if (is_night_) truth_.note("night", frame_);
    if (is_wrong && is("covered")) {
        canvas_.gradient(0, 0, choice_.width, choice_.height, rgb(28, 24, 22), rgb(18, 16, 15));
        truth_.note("covered", frame_);
    }
    if (is_wrong && is("blurred")) {
        blur(canvas_, std::max(2, choice_.width / 120));
        truth_.note("blurred", frame_);
    }
    noise_.add(canvas_, is_night_ ? 5 : 1.6);
    ++frame_;
    return canvas_;
}

} // namespace gatehouse::simulators::cameras
