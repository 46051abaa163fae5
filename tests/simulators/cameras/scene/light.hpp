// SPDX-License-Identifier: Apache-2.0
//
// What happens to a picture between the gate and the file: more or less light, the sensor's noise, rain before the lens, a lens out of focus.
// All from the seed.
#pragma once

#include "tests/simulators/cameras/scene/canvas.hpp"

#include <random>
#include <vector>

namespace gatehouse::simulators::cameras {

/// Brightness times `gain`; colours fade to grey by `colour` (1: as they are).
void expose(Canvas& canvas, double gain, double colour);

/// Out of focus: each pixel the mean of its neighbourhood, three times over (nearly Gaussian).
void blur(Canvas& canvas, int radius);

/// A sensor's noise: another draw at each frame, of a given deviation.
class Noise {
public:
    explicit Noise(std::uint64_t seed);
    void add(Canvas& canvas, double deviation);

private:
    std::mt19937_64 random_;
    std::vector<std::int8_t> draws_; // deviation 1 is 16
};

/// Streaks that fall, some near and some far; their places in frame `frame` follow from the seed.
void rain(Canvas& canvas, std::uint64_t seed, int frame, int streaks);

} // namespace gatehouse::simulators::cameras
