// SPDX-License-Identifier: Apache-2.0
//
// The scene without what comes and goes, and how a picture differs from it. For each pixel a mean and how far it usually strays from it; both
// follow the pictures within `learns_within_s`, but not where something stands before the scene.
//
// Light. Each picture's light is told from the scene's by a line through the means of some 200 cells (picture = gain * scene + offset), fitted
// anew without the cells that fit worst, so that a car is not taken for light. Scene and earlier picture are then brought into the new light
// at once: a cloud, an exposure that jumps, dusk, the night's other mode. What changes only in part of the picture is judged by its edges
// (blobs.hpp).
#pragma once

#include "pipelines/watch/inside/raster.hpp"

namespace gatehouse::pipelines::watch {

/// A picture's light against the scene's.
struct Light {
    double gain = 1, offset = 0;
    double likeness = 0; ///< correlation of the cells: 1 is the same scene in another light, 0 is none
    double change = 0;   ///< by how much the cells changed with it, in gray levels
};

/// A picture's edges against the scene's.
struct Edges {
    double likeness = 0; ///< correlation of the slopes, signs and all: noise is 0
    double strength = 0; ///< how steep they are, as a share of the scene's in the same light; 1 is as sharp
    double scene = 0;    ///< the scene's mean slope: where it is flat nothing can be said
};

class Scene {
public:
    /// As in this picture.
    explicit Scene(const Raster& now);

    /// Pictures enough to tell what moves.
    bool is_learnt() const { return pictures_ >= 3; }
    /// The scene is as in this picture, from now on.
    void begin_anew(const Raster& now);

    Light light_of(const Raster& now) const;
    Edges edges_of(const Raster& now, const Light& light) const;
    void follow(const Light& light);

    /// 255 where the picture differs from the scene by more than it usually does, and `looked` is set.
    void mark(const Raster& now, const Raster& looked, Raster& marks) const;
    /// Where `marks` is set the scene stays; elsewhere it follows the picture.
    void learn(const Raster& now, const Raster& marks, double dt_s);
    /// What stood there for so long belongs to the scene. `never` is set where it does not.
    void absorb(const Raster& now, std::uint32_t age_ms, const Raster& never, std::uint32_t never_ms);
    /// This pixel is as in the picture, from now on.
    void take_over(std::size_t pixel, std::uint8_t value);

    /// The scene in the light of the picture that was followed last.
    const Raster& gray() const { return gray_; }
    /// For how long each pixel was marked, without end.
    const std::vector<std::uint32_t>& age_ms() const { return age_ms_; }
    /// A gray difference that noise does not reach, on the whole.
    double noise() const { return noise_; }

private:
    void round();

    std::vector<float> mean_, stray_;
    std::vector<std::uint32_t> age_ms_;
    Raster gray_, reach_; // the mean, rounded; how far a pixel may stray unmarked
    double noise_ = 2;
    std::uint64_t pictures_ = 0;
};

} // namespace gatehouse::pipelines::watch
