// SPDX-License-Identifier: Apache-2.0
//
// A picture as encoders take it (planar YUV 4:2:0, BT.601, studio swing) and the few shapes that scenes are drawn of. Coordinates are pixels, may
// lie outside and are clipped. One thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace gatehouse::simulators::cameras {

struct Colour {
    std::uint8_t y = 16, u = 128, v = 128;
};

/// From 0 to 255 each.
constexpr Colour rgb(int r, int g, int b) {
    return {static_cast<std::uint8_t>(16 + (66 * r + 129 * g + 25 * b) / 256), static_cast<std::uint8_t>(128 + (-38 * r - 74 * g + 112 * b) / 256),
            static_cast<std::uint8_t>(128 + (112 * r - 94 * g - 18 * b) / 256)};
}

/// Darker (below 1) or lighter, the hue kept.
Colour shaded(Colour colour, double factor);

struct Point {
    double x = 0, y = 0;
};

class Canvas {
public:
    /// Width and height are even.
    Canvas(int width, int height);

    int width() const { return width_; }
    int height() const { return height_; }
    std::span<std::uint8_t> luma() { return {bytes_.data(), luma_bytes_}; }
    std::span<std::uint8_t> chroma() { return {bytes_.data() + luma_bytes_, luma_bytes_ / 2}; }
    std::span<const std::uint8_t> bytes() const { return bytes_; }

    void fill(Colour colour);
    void rectangle(double x, double y, double width, double height, Colour colour);
    /// Convex or not, the corners in order; even-odd.
    void polygon(std::span<const Point> corners, Colour colour);
    void ellipse(Point middle, double radius_x, double radius_y, Colour colour);
    /// From `top` to `bottom` within the rectangle.
    void gradient(double x, double y, double width, double height, Colour top, Colour bottom);
    /// Multiplies the brightness inside: a shadow (below 1).
    void shade_ellipse(Point middle, double radius_x, double radius_y, double factor);
    /// Adds light that fades towards the rim; `strength` is the brightness added in the middle.
    void glow(Point middle, double radius_x, double radius_y, double strength);
    /// A line of the given width.
    void line(Point from, Point to, double width, Colour colour);

private:
    void span(int y, double from, double to, Colour colour);

    int width_, height_;
    std::size_t luma_bytes_;
    std::vector<std::uint8_t> bytes_;
};

} // namespace gatehouse::simulators::cameras
