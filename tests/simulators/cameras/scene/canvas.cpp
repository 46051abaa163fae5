// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/scene/canvas.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace gatehouse::simulators::cameras {
namespace {

std::uint8_t clamped(double value) { return static_cast<std::uint8_t>(std::clamp(value, 16.0, 235.0)); }

// A row or column whose middle lies inside belongs to the shape, so that neighbours meet without overlap.
int first_inside(double edge) { return static_cast<int>(std::ceil(edge - 0.5)); }

} // namespace

Colour shaded(Colour colour, double factor) { return {clamped(16 + (colour.y - 16) * factor), colour.u, colour.v}; }

Canvas::Canvas(int width, int height)
    : width_(width), height_(height), luma_bytes_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height)), bytes_(luma_bytes_ * 3 / 2) {
    fill({});
}

void Canvas::fill(Colour colour) {
    std::memset(bytes_.data(), colour.y, luma_bytes_);
    std::memset(bytes_.data() + luma_bytes_, colour.u, luma_bytes_ / 4);
    std::memset(bytes_.data() + luma_bytes_ + luma_bytes_ / 4, colour.v, luma_bytes_ / 4);
}

void Canvas::span(int y, double from, double to, Colour colour) {
    if (y < 0 || y >= height_) return;
    const int first = std::clamp(first_inside(from), 0, width_);
    const int end = std::clamp(first_inside(to), 0, width_);
    if (first >= end) return;
    const auto row = static_cast<std::size_t>(y) * static_cast<std::size_t>(width_);
    std::memset(bytes_.data() + row + first, colour.y, static_cast<std::size_t>(end - first));
    if (y % 2 != 0) return;
    const auto half = luma_bytes_ + static_cast<std::size_t>(y / 2) * static_cast<std::size_t>(width_ / 2);
    const auto half_first = static_cast<std::size_t>((first + 1) / 2), half_end = static_cast<std::size_t>((end + 1) / 2);
    if (half_first >= half_end) return;
    std::memset(bytes_.data() + half + half_first, colour.u, half_end - half_first);
    std::memset(bytes_.data() + half + luma_bytes_ / 4 + half_first, colour.v, half_end - half_first);
}

void Canvas::rectangle(double x, double y, double width, double height, Colour colour) {
    for (int row = std::max(0, first_inside(y)); row < std::min(height_, first_inside(y + height)); ++row) span(row, x, x + width, colour);
}

void Canvas::polygon(std::span<const Point> corners, Colour colour) {
    if (corners.size() < 3) return;
    const auto [top, bottom] = std::minmax_element(corners.begin(), corners.end(), [](Point a, Point b) { return a.y < b.y; });
    std::array<double, 16> crossings{};
    for (int row = std::max(0, first_inside(top->y)); row < std::min(height_, first_inside(bottom->y)); ++row) {
        const double middle = row + 0.5;
        std::size_t count = 0;
        for (std::size_t i = 0; i < corners.size(); ++i) {
            const Point a = corners[i], b = corners[(i + 1) % corners.size()];
            if ((a.y <= middle) == (b.y <= middle) || count == crossings.size()) continue;
            crossings[count++] = a.x + (middle - a.y) / (b.y - a.y) * (b.x - a.x);
        }
        std::sort(crossings.begin(), crossings.begin() + static_cast<std::ptrdiff_t>(count));
        for (std::size_t i = 0; i + 1 < count; i += 2) span(row, crossings[i], crossings[i + 1], colour);
    }
}

void Canvas::ellipse(Point middle, double radius_x, double radius_y, Colour colour) {
    for (int row = std::max(0, first_inside(middle.y - radius_y)); row < std::min(height_, first_inside(middle.y + radius_y)); ++row) {
        const double at = (row + 0.5 - middle.y) / radius_y;
        const double half = radius_x * std::sqrt(std::max(0.0, 1 - at * at));
        span(row, middle.x - half, middle.x + half, colour);
    }
}

void Canvas::gradient(double x, double y, double width, double height, Colour top, Colour bottom) {
    for (int row = std::max(0, first_inside(y)); row < std::min(height_, first_inside(y + height)); ++row) {
        const double part = std::clamp((row + 0.5 - y) / height, 0.0, 1.0);
        const auto mixed = [part](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(a + part * (b - a)); };
        span(row, x, x + width, {mixed(top.y, bottom.y), mixed(top.u, bottom.u), mixed(top.v, bottom.v)});
    }
}

void Canvas::shade_ellipse(Point middle, double radius_x, double radius_y, double factor) {
    for (int row = std::max(0, first_inside(middle.y - radius_y)); row < std::min(height_, first_inside(middle.y + radius_y)); ++row) {
        const double at = (row + 0.5 - middle.y) / radius_y;
        const double half = radius_x * std::sqrt(std::max(0.0, 1 - at * at));
        const int end = std::clamp(first_inside(middle.x + half), 0, width_);
        for (int column = std::clamp(first_inside(middle.x - half), 0, width_); column < end; ++column) {
            auto& pixel = bytes_[static_cast<std::size_t>(row) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(column)];
            pixel = clamped(16 + (pixel - 16) * factor);
        }
    }
}

void Canvas::glow(Point middle, double radius_x, double radius_y, double strength) {
    for (int row = std::max(0, first_inside(middle.y - radius_y)); row < std::min(height_, first_inside(middle.y + radius_y)); ++row) {
        const double y = (row + 0.5 - middle.y) / radius_y;
        const double half = radius_x * std::sqrt(std::max(0.0, 1 - y * y));
        const int end = std::clamp(first_inside(middle.x + half), 0, width_);
        for (int column = std::clamp(first_inside(middle.x - half), 0, width_); column < end; ++column) {
            const double x = (column + 0.5 - middle.x) / radius_x;
            const double left = 1 - x * x - y * y;
            auto& pixel = bytes_[static_cast<std::size_t>(row) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(column)];
            pixel = clamped(pixel + strength * left * left);
        }
    }
}

void Canvas::line(Point from, Point to, double width, Colour colour) {
    const double dx = to.x - from.x, dy = to.y - from.y;
    const double length = std::max(1e-6, std::hypot(dx, dy));
    const double nx = -dy / length * width / 2, ny = dx / length * width / 2;
    const std::array corners{Point{from.x + nx, from.y + ny}, Point{to.x + nx, to.y + ny}, Point{to.x - nx, to.y - ny},
                             Point{from.x - nx, from.y - ny}};
    polygon(corners, colour);
}

} // namespace gatehouse::simulators::cameras
