// SPDX-License-Identifier: Apache-2.0
//
// A decoded picture as it lies in the decoder's memory: planes of YUV 4:2:0 (BT.601, studio swing), of which only the gray one must be there.
// Nothing is copied or owned: a view is valid as long as the decoder's frame is.
#pragma once

#include "daemon/base/clock.hpp"

#include <cstdint>
#include <span>

namespace gatehouse::pipelines::watch {

constexpr int picture_side_pixels_min = 64, picture_side_pixels_max = 8192;

/// One plane: `height` rows of `width` bytes, each `stride` bytes after the one before.
struct Plane {
    std::span<const std::uint8_t> bytes;
    int stride = 0;
};

struct PictureView {
    int width = 0, height = 0;
    Plane gray{};                ///< width by height
    Plane blue_ish{}, red_ish{}; ///< U and V, half as wide and high, rounded up; empty: no colour, and detectors that want it see gray
    Time at{};                   ///< the gateway's clock when the picture was taken
};

/// The sides are within the bounds and each plane that is there holds all its rows.
bool is_whole(const PictureView& picture);

} // namespace gatehouse::pipelines::watch
