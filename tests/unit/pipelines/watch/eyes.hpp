// SPDX-License-Identifier: Apache-2.0
//
// A yard drawn pixel by pixel, and a watcher that looks at it: what a test draws is what it says. The ground has a pattern and the sensor some
// noise, both the same at each run.
#pragma once

#include "pipelines/watch/watcher.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

namespace gatehouse::pipelines::watch {

constexpr int yard_width = 320, yard_height = 180;

class Yard {
public:
    explicit Yard(int width = yard_width, int height = yard_height)
        : width_(width), height_(height), pixels_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height)) {}

    /// The empty yard again, in the given light.
    void clear(double gain = 1) {
        for (int y = 0; y < height_; ++y)
            for (int x = 0; x < width_; ++x) {
                const int column = x * 320 / width_, row = y * 180 / height_;
                const int slab = 90 + (column / 24 * 37 + row / 18 * 53) % 60; // flagstones
                set(x, y, slab * gain);
            }
    }
    /// A thing with edges: a dark or bright body with a lighter half. Relative to the picture.
    void thing(double x, double y, double width, double height, int gray) {
        each(x, y, width, height, [&](int column, int row) { set(column, row, row % 16 < 8 ? gray : gray + 12); });
    }
    /// Light that falls smoothly to nothing at its rim.
    void lamp(double x, double y, double radius, double strength) {
        for (int row = 0; row < height_; ++row)
            for (int column = 0; column < width_; ++column) {
                const double dx = (column - x * width_) / (radius * width_), dy = (row - y * height_) / (radius * width_);
                const double left = std::max(0.0, 1 - dx * dx - dy * dy);
                set(column, row, at(column, row) + strength * left * left);
            }
    }
    void all(int gray) { std::fill(pixels_.begin(), pixels_.end(), static_cast<std::uint8_t>(gray)); }
    void noise(int deviation) {
        for (auto& pixel : pixels_) {
            random_ = random_ * 1664525 + 1013904223;
            // Four draws of -1 to 1 in a row: as good as normal.
            const int drawn = static_cast<int>(random_ >> 28 & 3) + static_cast<int>(random_ >> 26 & 3) + static_cast<int>(random_ >> 24 & 3) - 4;
            pixel = static_cast<std::uint8_t>(std::clamp(pixel + drawn * deviation / 2, 0, 255));
        }
    }
    int width() const { return width_; }
    int height() const { return height_; }
    std::span<const std::uint8_t> pixels() const { return pixels_; }
    std::uint8_t at(int x, int y) const { return pixels_[index(x, y)]; }
    void set(int x, int y, double gray) { pixels_[index(x, y)] = static_cast<std::uint8_t>(std::clamp(gray, 0.0, 255.0)); }

private:
    std::size_t index(int x, int y) const { return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x); }
    void each(double x, double y, double width, double height, const std::function<void(int, int)>& act) {
        for (int row = std::max(0, static_cast<int>(y * height_)); row < std::min<double>(height_, (y + height) * height_); ++row)
            for (int column = std::max(0, static_cast<int>(x * width_)); column < std::min<double>(width_, (x + width) * width_); ++column)
                act(column, row);
    }

    int width_, height_;
    std::vector<std::uint8_t> pixels_;
    std::uint32_t random_ = 8412;
};

/// Looks at the yard at its own pace and keeps all that was seen.
class Eyes {
public:
    explicit Eyes(WatchSettings settings, double pictures_per_s = 5) : watcher_(open(std::move(settings))), step_us_(1e6 / pictures_per_s) {}

    /// `draw` puts onto the empty yard what is there at second `t` of this span.
    void look_for(
        double seconds, const std::function<void(Yard&, double)>& draw = [](Yard&, double) {}) {
        const double until = now_us_ + seconds * 1e6, from = now_us_;
        for (; now_us_ + step_us_ / 2 < until; now_us_ += step_us_) {
            yard_.clear();
            draw(yard_, (now_us_ - from) / 1e6);
            if (noise_ > 0) yard_.noise(noise_);
            look();
        }
    }
    /// The picture as it is now.
    void look() { look_at(yard_, from_us(static_cast<std::int64_t>(now_us_))); }
    void look_at(const Yard& yard, Time at) {
        const auto& seen = watcher_.on({.width = yard.width(), .height = yard.height(), .gray = {yard.pixels(), yard.width()}, .at = at});
        seen_.insert(seen_.end(), seen.begin(), seen.end());
    }

    template <class What>
    std::vector<What> all() const {
        std::vector<What> found;
        for (const Seen& each : seen_)
            if (const auto* what = std::get_if<What>(&each)) found.push_back(*what);
        return found;
    }
    void forget() { seen_.clear(); }
    void without_noise() { noise_ = 0; }
    double now_s() const { return now_us_ / 1e6; }
    void back_by(double seconds) { now_us_ -= seconds * 1e6; }
    Watcher& watcher() { return watcher_; }
    Yard& yard() { return yard_; }
    const std::vector<Seen>& seen() const { return seen_; }

private:
    static Watcher open(WatchSettings settings) {
        auto watcher = Watcher::open(std::move(settings));
        REQUIRE_MESSAGE(watcher.has_value(), (watcher ? std::string() : watcher.error().what()));
        return std::move(*watcher);
    }

    Watcher watcher_;
    Yard yard_;
    std::vector<Seen> seen_;
    double step_us_, now_us_ = 0;
    int noise_ = 3;
};

inline double seconds(Time time) { return static_cast<double>(to_us(time)) / 1e6; }

inline Polygon rectangle(double x, double y, double width, double height) {
    return {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}};
}

} // namespace gatehouse::pipelines::watch
