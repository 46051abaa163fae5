// SPDX-License-Identifier: Apache-2.0
#include "pipelines/watch/inside/raster.hpp"

#include <algorithm>

namespace gatehouse::pipelines::watch {
namespace {

// Of a tall cell every other row says enough, and costs half.
constexpr int rows_read = 3;

// With `factor` known to the compiler each sum is a few adds in a row; 0: not known.
template <int known>
[[gnu::always_inline]] inline void add_across(const std::uint16_t* cell, int factor, std::uint32_t pixels, std::uint8_t* to, int wide) {
    const int count = known == 0 ? factor : known;
    // A division by multiplication: the sums are far below 2^16, and so is the error.
    const std::uint32_t reciprocal = (1u << 16) / pixels + 1;
    for (int x = 0; x < wide; ++x, cell += count) {
        std::uint32_t sum = pixels / 2;
        for (int i = 0; i < count; ++i) sum += cell[i];
        to[x] = static_cast<std::uint8_t>(sum * reciprocal >> 16);
    }
}

[[gnu::always_inline]] inline void add_across(const std::uint16_t* cells, int factor, std::uint32_t pixels, std::uint8_t* to, int wide) {
    switch (factor) {
    case 1: return add_across<1>(cells, 1, pixels, to, wide);
    case 2: return add_across<2>(cells, 2, pixels, to, wide);
    case 4: return add_across<4>(cells, 4, pixels, to, wide);
    case 6: return add_across<6>(cells, 6, pixels, to, wide);
    case 8: return add_across<8>(cells, 8, pixels, to, wide);
    default: return add_across<0>(cells, factor, pixels, to, wide);
    }
}

} // namespace

int shrink_factor(int width) { return std::max(1, (width + looked_at_pixels_wide / 2) / looked_at_pixels_wide); }

GATEHOUSE_WIDE void shrink(const Plane& plane, int width, int height, int factor, Raster& out) {
    const int wide = width / factor, high = height / factor;
    if (out.width != wide || out.height != high) out = Raster(wide, high);
    const auto used = static_cast<std::size_t>(wide) * static_cast<std::size_t>(factor);
    std::vector<std::uint16_t> sums(used);
    const int rows = std::min(factor, rows_read);
    for (int y = 0; y < high; ++y) {
        std::uint16_t* __restrict sum = sums.data();
        for (int i = 0; i < rows; ++i) {
            const auto from = static_cast<std::size_t>(y * factor + i * factor / rows) * static_cast<std::size_t>(plane.stride);
            const std::uint8_t* __restrict row = plane.bytes.data() + from;
            if (i == 0)
                for (std::size_t x = 0; x < used; ++x) sum[x] = row[x];
            else
                for (std::size_t x = 0; x < used; ++x) sum[x] = static_cast<std::uint16_t>(sum[x] + row[x]);
        }
        add_across(sums.data(), factor, static_cast<std::uint32_t>(rows * factor), out.row(y), wide);
    }
}

GATEHOUSE_WIDE void steepness(const Raster& of, Raster& out) {
    if (out.width != of.width || out.height != of.height) out = Raster(of.width, of.height);
    std::fill(out.row(0), out.row(1), std::uint8_t{0});
    const int width = of.width;
    for (int y = 1; y + 1 < of.height; ++y) {
        const std::uint8_t* __restrict above = of.row(y - 1) + 1;
        const std::uint8_t* __restrict left = of.row(y);
        const std::uint8_t* __restrict right = of.row(y) + 2;
        const std::uint8_t* __restrict below = of.row(y + 1) + 1;
        std::uint8_t* __restrict to = out.row(y) + 1;
        // Two loops of bytes alone are quicker than one of both sums: the compiler widens nothing.
        for (int x = 0; x < width - 2; ++x) to[x] = static_cast<std::uint8_t>((std::max(left[x], right[x]) - std::min(left[x], right[x])) >> 1);
        for (int x = 0; x < width - 2; ++x) {
            const auto down = static_cast<std::uint8_t>(std::max(above[x], below[x]) - std::min(above[x], below[x]));
            to[x] = static_cast<std::uint8_t>(to[x] + (down >> 1));
        }
        out.row(y)[0] = out.row(y)[width - 1] = 0;
    }
    std::fill(out.row(of.height - 1), out.row(of.height - 1) + width, std::uint8_t{0});
}

GATEHOUSE_WIDE void brightest_near(const Raster& of, Raster& out, std::vector<std::uint8_t>& scratch) {
    if (out.width != of.width || out.height != of.height) out = Raster(of.width, of.height);
    const int width = of.width;
    scratch.resize(static_cast<std::size_t>(width) + 2);
    for (int y = 0; y < of.height; ++y) {
        const std::uint8_t* __restrict above = of.row(std::max(0, y - 1));
        const std::uint8_t* __restrict here = of.row(y);
        const std::uint8_t* __restrict below = of.row(std::min(of.height - 1, y + 1));
        std::uint8_t* __restrict column = scratch.data() + 1;
        for (int x = 0; x < width; ++x) column[x] = std::max(std::max(above[x], here[x]), below[x]);
        scratch.front() = column[0];
        scratch.back() = column[width - 1];
        std::uint8_t* __restrict to = out.row(y);
        const std::uint8_t* __restrict left = scratch.data();
        for (int x = 0; x < width; ++x) to[x] = std::max(std::max(left[x], left[x + 1]), left[x + 2]);
    }
}

GATEHOUSE_WIDE std::size_t majority(const Raster& of, Raster& out, std::vector<std::uint8_t>& scratch) {
    if (out.width != of.width || out.height != of.height) out = Raster(of.width, of.height);
    const int width = of.width;
    scratch.resize(static_cast<std::size_t>(width));
    std::fill(out.row(0), out.row(1), std::uint8_t{0});
    std::fill(out.row(of.height - 1), out.row(of.height - 1) + width, std::uint8_t{0});
    std::uint8_t* __restrict column = scratch.data();
    std::size_t count = 0;
    for (int y = 1; y + 1 < of.height; ++y) {
        const std::uint8_t *above = of.row(y - 1), *here = of.row(y), *below = of.row(y + 1);
        for (int x = 0; x < width; ++x) column[x] = static_cast<std::uint8_t>((above[x] & 1) + (here[x] & 1) + (below[x] & 1));
        std::uint8_t* __restrict to = out.row(y);
        for (int x = 1; x + 1 < width; ++x) to[x] = column[x - 1] + column[x] + column[x + 1] >= 5 ? 255 : 0;
        to[0] = to[width - 1] = 0;
        std::uint32_t in_row = 0;
        for (int x = 0; x < width; ++x) in_row += to[x] & 1u;
        count += in_row;
    }
    return count;
}

GATEHOUSE_WIDE bool differ_in_more_than(std::size_t pixels, const Raster& a, const Raster& b, const Raster& where) {
    std::size_t count = 0;
    for (int y = 0; y < a.height && count <= pixels; ++y) {
        const std::uint8_t *left = a.row(y), *right = b.row(y), *looked = where.row(y);
        std::uint32_t in_row = 0;
        for (int x = 0; x < a.width; ++x) in_row += (left[x] != right[x] ? 1u : 0u) & looked[x];
        count += in_row;
    }
    return count > pixels;
}

} // namespace gatehouse::pipelines::watch
