// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/scene/gate.hpp"

#include "tests/simulators/cameras/scene/glyphs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>

namespace gatehouse::simulators::cameras {
namespace {

constexpr double horizon = 0.36;       // of the height: where the road begins
constexpr double road_half_far = 0.07; // of the width
constexpr double road_half_near = 0.46;
constexpr double road_half_m = 4; // two lanes

constexpr double car_width_m = 1.8, car_height_m = 1.5;

} // namespace

Gate::Gate(int width, int height, std::uint64_t seed) : width_(width), height_(height), background_(width, height) { draw_background(seed); }

Point Gate::place(double near, double side) const {
    const double half = road_half_far + (road_half_near - road_half_far) * near;
    return {width_ * (0.5 + half * side), height_ * (horizon + (1 - horizon) * near)};
}

double Gate::metre(double near) const { return width_ * (road_half_far + (road_half_near - road_half_far) * near) / road_half_m; }

void Gate::draw_background(std::uint64_t seed) {
    Canvas& c = background_;
    std::mt19937_64 random(seed);
    const auto draw = [&](double low, double high) { return low + (high - low) * static_cast<double>(random() % 10000) / 10000; };
    c.gradient(0, 0, width_, height_ * 0.4, rgb(120, 165, 215), rgb(215, 225, 230));
    // Houses with their windows, then trees before them.
    for (double x = -0.02; x < 1;) {
        const double wide = draw(0.1, 0.2), top = draw(0.04, 0.18);
        const Colour wall = rgb(static_cast<int>(draw(150, 200)), static_cast<int>(draw(140, 180)), static_cast<int>(draw(125, 160)));
        c.rectangle(x * width_, top * height_, wide * width_, (0.4 - top) * height_, wall);
        for (double floor = top + 0.025; floor < 0.32; floor += 0.045)
            for (double window = 0.012; window < wide - 0.02; window += 0.03)
                c.rectangle((x + window) * width_, floor * height_, 0.016 * width_, 0.026 * height_, shaded(rgb(70, 85, 100), draw(0.6, 1.4)));
        x += wide + draw(0.0, 0.03);
    }
    for (int i = 0; i < 60; ++i) {
        const double size = draw(0.02, 0.05);
        c.ellipse({draw(0, 1) * width_, draw(0.3, 0.37) * height_}, size * width_, size * height_, shaded(rgb(50, 95, 45), draw(0.6, 1.3)));
    }
    c.gradient(0, height_ * horizon, width_, height_ * (1 - horizon), rgb(140, 140, 130), rgb(165, 160, 150)); // pavement
    const std::array road{place(0, -1), place(0, 1), place(1, 1), place(1, -1)};
    c.polygon(road, rgb(88, 88, 92));
    for (double near = 0.02; near < 1; near += 0.09) {
        const std::array dash{place(near, -0.02), place(near, 0.02), place(near + 0.04, 0.02), place(near + 0.04, -0.02)};
        c.polygon(dash, rgb(225, 225, 220));
    }
    for (const double side : {-1.0, 1.0}) c.line(place(0, side), place(1, side), height_ / 150, rgb(200, 200, 195));
    // The slabs of the pavement and stains on the road give an encoder and a matcher something to hold on to.
    for (int i = 0; i < 400; ++i) {
        const double near = draw(0, 1);
        c.ellipse(place(near, draw(-1.1, 1.1)), metre(near) * draw(0.05, 0.5), metre(near) * draw(0.02, 0.12),
                  shaded(rgb(90, 90, 92), draw(0.8, 1.15)));
    }
    // The guard's booth and the barrier's post.
    const Point foot = place(barrier_near, -1.35);
    const double m = metre(barrier_near);
    c.rectangle(foot.x - 1.1 * m, foot.y - 2.6 * m, 2.2 * m, 2.6 * m, rgb(205, 205, 210));
    c.rectangle(foot.x - 0.8 * m, foot.y - 2.1 * m, 1.6 * m, 1.0 * m, rgb(60, 80, 95));
    c.rectangle(foot.x - 1.3 * m, foot.y - 2.8 * m, 2.6 * m, 0.25 * m, rgb(40, 70, 130));
    const Point post = place(barrier_near, -1.04);
    c.rectangle(post.x - 0.2 * m, post.y - 1.1 * m, 0.4 * m, 1.1 * m, rgb(235, 180, 40));
    std::normal_distribution<double> grain(0, 4);
    for (auto& pixel : c.luma()) pixel = static_cast<std::uint8_t>(std::clamp(pixel + grain(random), 16.0, 235.0));
}

void Gate::draw_barrier(Canvas& canvas, double lifted) const {
    const double m = metre(barrier_near);
    const Point post = place(barrier_near, -1.04);
    const Point pivot{post.x, post.y - 0.95 * m};
    const double angle = lifted * 1.45, length = place(barrier_near, 1).x - post.x;
    for (int piece = 0; piece < 10; ++piece) {
        const auto at = [&](int i) { return Point{pivot.x + std::cos(angle) * length * i / 10, pivot.y - std::sin(angle) * length * i / 10}; };
        canvas.line(at(piece), at(piece + 1), 0.14 * m, piece % 2 ? rgb(235, 235, 235) : rgb(200, 40, 35));
    }
}

void Gate::draw_lamp_light(Canvas& canvas, double strength) const {
    const Point foot = place(barrier_near, -1.0);
    canvas.glow({foot.x, foot.y - height_ * 0.05}, width_ * 0.3, height_ * 0.32, strength);
}

Box Gate::cut(double left, double top, double right, double bottom) const {
    const int x = static_cast<int>(std::clamp(std::floor(left), 0.0, width_)), y = static_cast<int>(std::clamp(std::floor(top), 0.0, height_));
    const int end_x = static_cast<int>(std::clamp(std::ceil(right), 0.0, width_)),
              end_y = static_cast<int>(std::clamp(std::ceil(bottom), 0.0, height_));
    return {x, y, std::max(0, end_x - x), std::max(0, end_y - y)};
}

Box Gate::draw_car(Canvas& canvas, const Car& car) const {
    const double m = metre(car.near), wide = car_width_m * m, high = car_height_m * m;
    const Point foot = place(car.near, car.side);
    const double left = foot.x - wide / 2, top = foot.y - high;
    canvas.shade_ellipse({foot.x, foot.y}, wide * 0.62, high * 0.13, 0.5);
    canvas.rectangle(left + wide * 0.03, foot.y - high * 0.22, wide * 0.16, high * 0.22, rgb(25, 25, 28)); // wheels
    canvas.rectangle(left + wide * 0.81, foot.y - high * 0.22, wide * 0.16, high * 0.22, rgb(25, 25, 28));
    const std::array cabin{Point{left + wide * 0.2, top}, Point{left + wide * 0.8, top}, Point{left + wide * 0.94, top + high * 0.45},
                           Point{left + wide * 0.06, top + high * 0.45}};
    canvas.polygon(cabin, shaded(car.paint, 0.85));
    const std::array glass{Point{left + wide * 0.23, top + high * 0.05}, Point{left + wide * 0.77, top + high * 0.05},
                           Point{left + wide * 0.88, top + high * 0.42}, Point{left + wide * 0.12, top + high * 0.42}};
    canvas.polygon(glass, car.faces_us ? rgb(60, 75, 85) : rgb(45, 50, 55));
    canvas.gradient(left, top + high * 0.43, wide, high * 0.45, shaded(car.paint, 1.1), shaded(car.paint, 0.75));
    canvas.rectangle(left + wide * 0.28, top + high * 0.55, wide * 0.44, high * 0.1, rgb(30, 30, 34)); // grille
    const Colour lamp = car.faces_us ? rgb(245, 245, 235) : rgb(190, 25, 25);
    canvas.ellipse({left + wide * 0.13, top + high * 0.58}, wide * 0.09, high * 0.07, lamp);
    canvas.ellipse({left + wide * 0.87, top + high * 0.58}, wide * 0.09, high * 0.07, lamp);
    draw_plate(canvas, foot.x - 0.22 * m * 1.2, top + high * 0.7, 0.44 * m * 1.2, 0.14 * m * 1.2, car.plate);
    return cut(left, top, left + wide, foot.y);
}

void Gate::draw_head_lamps(Canvas& canvas, const Car& car) const {
    const double m = metre(car.near), wide = car_width_m * m, high = car_height_m * m;
    const Point foot = place(car.near, car.side);
    const double strength = car.faces_us ? 200 : 60, size = car.faces_us ? 0.5 : 0.25;
    for (const double side : {-0.37, 0.37}) canvas.glow({foot.x + wide * side, foot.y - high * 0.42}, wide * size, wide * size, strength);
    if (car.faces_us) canvas.glow({foot.x, foot.y + high * 0.5}, wide * 1.1, high * 0.8, 90); // on the road before it
}

Box Gate::draw_walker(Canvas& canvas, const Walker& walker) const {
    const double m = metre(walker.near), high = walker.height_m * m;
    const Point foot = place(walker.near, walker.side);
    const double swing = std::sin(walker.stride * 2 * std::numbers::pi), half = high * 0.13;
    canvas.shade_ellipse({foot.x, foot.y}, high * 0.2, high * 0.04, 0.6);
    const Point hip{foot.x, foot.y - high * 0.48}, neck{foot.x, foot.y - high * 0.84};
    for (const double leg : {-1.0, 1.0}) {
        const Point knee{hip.x + leg * swing * high * 0.09, hip.y + high * 0.24};
        const Point shoe{foot.x + leg * swing * high * 0.17,
                         foot.y - std::max(0.0, leg * std::cos(walker.stride * 2 * std::numbers::pi)) * high * 0.05};
        canvas.line(hip, knee, high * 0.1, walker.trousers);
        canvas.line(knee, shoe, high * 0.08, walker.trousers);
    }
    const std::array coat{Point{neck.x - half, neck.y}, Point{neck.x + half, neck.y}, Point{hip.x + half * 0.85, hip.y + high * 0.05},
                          Point{hip.x - half * 0.85, hip.y + high * 0.05}};
    canvas.polygon(coat, walker.coat);
    for (const double arm : {-1.0, 1.0}) {
        const Point shoulder{neck.x + arm * half * 0.8, neck.y + high * 0.03};
        canvas.line(shoulder, {shoulder.x - arm * swing * high * 0.12, hip.y + high * 0.02}, high * 0.06, shaded(walker.coat, 0.8));
    }
    canvas.ellipse({foot.x, foot.y - high * 0.92}, high * 0.065, high * 0.085, rgb(215, 175, 150));
    canvas.ellipse({foot.x, foot.y - high * 0.955}, high * 0.068, high * 0.05, rgb(35, 30, 28));
    return cut(foot.x - high * 0.2, foot.y - high * 1.005, foot.x + high * 0.2, foot.y + high * 0.01);
}

} // namespace gatehouse::simulators::cameras
