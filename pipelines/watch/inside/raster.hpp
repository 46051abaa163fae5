// SPDX-License-Identifier: Apache-2.0
//
// A gray picture of our own, and what is done to all its pixels. Loops over plain bytes, for the compiler to turn into vector instructions.
#pragma once

#include "pipelines/watch/picture.hpp"

#include <cstdint>
#include <vector>

// Compiled twice, for processors with AVX2 and for those without, and chosen at the start: the same results in half the time. Sanitizers don't
// stand functions that are chosen before they are there themselves.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define GATEHOUSE_WIDE [[gnu::target_clones("avx2", "default")]]
#else
#define GATEHOUSE_WIDE
#endif

namespace gatehouse::pipelines::watch {

struct Raster {
    int width = 0, height = 0;
    std::vector<std::uint8_t> pixels;

    Raster() = default;
    Raster(int w, int h, std::uint8_t value = 0) : width(w), height(h), pixels(static_cast<std::size_t>(w) * static_cast<std::size_t>(h), value) {}
    std::uint8_t* row(int y) { return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width); }
    const std::uint8_t* row(int y) const { return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width); }
};

/// About this wide is what is looked at: enough for a walker at the far end of a gate, little enough for 64 cameras.
constexpr int looked_at_pixels_wide = 320;

/// By which whole number a picture so wide is made smaller.
int shrink_factor(int width);

/// Each pixel is the mean of up to `rows_read` rows of a cell of factor by factor; what does not fill a cell at the right and lower edge is cut.
void shrink(const Plane& plane, int width, int height, int factor, Raster& out);

/// How steep the picture is: |left - right| + |above - below|, halved to fit a byte; 0 at the rim.
void steepness(const Raster& of, Raster& out);

/// Each pixel becomes the brightest of the nine around (and in) it.
void brightest_near(const Raster& of, Raster& out, std::vector<std::uint8_t>& scratch);

/// 255 where at least five of the nine pixels around (and in) it are set: thin streaks and lone pixels go, small holes close. How many there are.
std::size_t majority(const Raster& of, Raster& out, std::vector<std::uint8_t>& scratch);

/// Whether more than `pixels` pixels differ, where `where` is set.
bool differ_in_more_than(std::size_t pixels, const Raster& a, const Raster& b, const Raster& where);

} // namespace gatehouse::pipelines::watch
