// SPDX-License-Identifier: Apache-2.0
//
// The gate of a compound as its camera sees it: sky, houses, hedge, the road that comes towards us, the guard's booth, and the barrier. And
// what goes through: cars and walkers. Places on the ground are given by how near they are (0: where the road begins, 1: before our feet) and
// how far to the side (-1 to 1: the road's edges); the picture's size decides the rest.
#pragma once

#include "tests/simulators/cameras/scene/canvas.hpp"
#include "tests/simulators/cameras/scene/truth.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::simulators::cameras {

/// Where the barrier crosses the road, and where a car waits for it.
constexpr double barrier_near = 0.34;

class Gate {
public:
    Gate(int width, int height, std::uint64_t seed);

    /// What never changes.
    const Canvas& background() const { return background_; }

    /// The pixel of a place on the ground, and how many pixels a metre is there.
    Point place(double near, double side) const;
    double metre(double near) const;

    /// The arm; `lifted` from 0 (closed) to 1.
    void draw_barrier(Canvas& canvas, double lifted) const;
    /// The lamp over the booth lights its surroundings.
    void draw_lamp_light(Canvas& canvas, double strength) const;

    struct Car {
        double near = 0, side = 0;
        bool faces_us = true; // comes in
        Colour paint;
        std::string plate;
    };
    /// Draws it and says where it is to be seen; the lamps' light is drawn by draw_head_lamps, after the night has fallen on the rest.
    Box draw_car(Canvas& canvas, const Car& car) const;
    void draw_head_lamps(Canvas& canvas, const Car& car) const;

    struct Walker {
        double near = 0, side = 0;
        double height_m = 1.7;
        double stride = 0; // phase of the steps, in turns
        Colour coat, trousers;
    };
    Box draw_walker(Canvas& canvas, const Walker& walker) const;

private:
    void draw_background(std::uint64_t seed);
    Box cut(double left, double top, double right, double bottom) const;

    double width_, height_;
    Canvas background_;
};

} // namespace gatehouse::simulators::cameras
