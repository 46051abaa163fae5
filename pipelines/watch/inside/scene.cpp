// SPDX-License-Identifier: Apache-2.0
#include "pipelines/watch/inside/scene.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace gatehouse::pipelines::watch {
namespace {

constexpr double learns_within_s = 15;
constexpr float stray_at_first = 2, stray_max = 24;
constexpr float strays_allowed = 3, gray_levels_allowed = 2.5; // a pixel is marked beyond 2.5 and 3 times its usual straying
constexpr float marked_strays_less = 0.875f;
constexpr std::size_t learns_fast_pictures = 20;

constexpr int cell_pixels = 16;
constexpr std::size_t cells_max = 2048;
constexpr double gain_min = 0.15, gain_max = 6;

struct Cell {
    double scene, now;
    bool fits;
};

struct Fit {
    double gain = 1, offset = 0, likeness = 0;
};

Fit fit(const std::vector<Cell>& cells) {
    double n = 0, s = 0, i = 0, ss = 0, ii = 0, si = 0;
    for (const Cell& cell : cells) {
        if (!cell.fits) continue;
        n += 1, s += cell.scene, i += cell.now;
        ss += cell.scene * cell.scene, ii += cell.now * cell.now, si += cell.scene * cell.now;
    }
    if (n < 4) return {};
    const double scene_varies = ss - s * s / n, now_varies = ii - i * i / n, together = si - s * i / n;
    // A scene all of one gray tells an offset, and no gain.
    if (scene_varies < n) return {.gain = 1, .offset = (i - s) / n, .likeness = now_varies < n ? 1.0 : 0.0};
    const double gain = together / scene_varies;
    return {.gain = gain, .offset = (i - gain * s) / n, .likeness = now_varies < n / 4 ? 0 : together / std::sqrt(scene_varies * now_varies)};
}

// The half of the cells that fit best decides; twice, for the first line was bent by the others.
Fit fit_the_best(std::vector<Cell>& cells) {
    Fit line = fit(cells);
    std::vector<double> off(cells.size());
    for (int round = 0; round < 3; ++round) {
        const auto miss = [&](const Cell& cell) { return std::abs(cell.now - line.gain * cell.scene - line.offset); };
        std::transform(cells.begin(), cells.end(), off.begin(), miss);
        const auto middle = off.begin() + static_cast<std::ptrdiff_t>(off.size() / 2);
        std::nth_element(off.begin(), middle, off.end());
        const double allowed = 1 + 2 * *middle;
        for (Cell& cell : cells) cell.fits = miss(cell) <= allowed;
        line = fit(cells);
    }
    return line;
}

[[gnu::always_inline]] inline double cell_mean(const Raster& of, int left, int top) {
    std::uint32_t sum = 0;
    for (int y = top; y < top + cell_pixels; ++y) {
        const std::uint8_t* row = of.row(y) + left;
        for (int x = 0; x < cell_pixels; ++x) sum += row[x];
    }
    return sum / static_cast<double>(cell_pixels * cell_pixels);
}

} // namespace

Scene::Scene(const Raster& now)
    : mean_(now.pixels.size()), stray_(now.pixels.size()), age_ms_(now.pixels.size()), gray_(now.width, now.height), reach_(now.width, now.height) {
    begin_anew(now);
}

void Scene::begin_anew(const Raster& now) {
    std::copy(now.pixels.begin(), now.pixels.end(), mean_.begin());
    std::fill(stray_.begin(), stray_.end(), stray_at_first);
    std::fill(age_ms_.begin(), age_ms_.end(), 0u);
    pictures_ = 1;
    round();
}

GATEHOUSE_WIDE Light Scene::light_of(const Raster& now) const {
    std::vector<Cell> cells;
    cells.reserve(cells_max);
    for (int top = 0; top + cell_pixels <= now.height && cells.size() < cells_max; top += cell_pixels)
        for (int left = 0; left + cell_pixels <= now.width && cells.size() < cells_max; left += cell_pixels)
            cells.push_back({cell_mean(gray_, left, top), cell_mean(now, left, top), true});
    const double likeness_of_all = fit(cells).likeness;
    const Fit line = fit_the_best(cells);
    if (!(line.gain >= gain_min && line.gain <= gain_max)) return {.likeness = 0};
    double change = 0;
    for (const Cell& cell : cells) change += std::abs((line.gain - 1) * cell.scene + line.offset);
    change /= static_cast<double>(std::max<std::size_t>(1, cells.size()));
    return {.gain = line.gain, .offset = line.offset, .likeness = likeness_of_all, .change = change};
}

GATEHOUSE_WIDE Edges Scene::edges_of(const Raster& now, const Light& light) const {
    double both = 0, scene = 0, picture = 0;
    for (int y = 1; y + 1 < now.height; ++y) {
        const std::uint8_t *na = now.row(y - 1), *nh = now.row(y), *nb = now.row(y + 1);
        const std::uint8_t *sa = gray_.row(y - 1), *sh = gray_.row(y), *sb = gray_.row(y + 1);
        std::int32_t row_both = 0, row_scene = 0, row_picture = 0;
        for (int x = 1; x + 1 < now.width; ++x) {
            const int nx = nh[x + 1] - nh[x - 1], ny = nb[x] - na[x], sx = sh[x + 1] - sh[x - 1], sy = sb[x] - sa[x];
            row_both += nx * sx + ny * sy;
            row_scene += sx * sx + sy * sy;
            row_picture += nx * nx + ny * ny;
        }
        both += row_both, scene += row_scene, picture += row_picture;
    }
    const double count = std::max(1, (now.width - 2) * (now.height - 2));
    Edges edges{.likeness = 0, .strength = 1, .scene = std::sqrt(scene / count)};
    if (scene <= 0) return edges;
    // A mean straying of s is a deviation of 1.25 s, and each of the two slopes carries twice its square.
    const double of_noise = 4 * count * 1.25 * 1.25 * noise_ * noise_;
    edges.likeness = both / std::sqrt(scene * std::max(picture, 1.0));
    // Of the scene's own edges, which noise does not touch; and of any edges, for a truck that hides half of the scene has edges of its own.
    const double own = both / scene, any = std::sqrt(std::max(0.0, picture - of_noise) / scene);
    edges.strength = std::max(own, any) / std::max(light.gain, gain_min);
    return edges;
}

void Scene::follow(const Light& light) {
    const auto gain = static_cast<float>(light.gain), offset = static_cast<float>(light.offset);
    for (float& each : mean_) each = each * gain + offset;
    // Where it grew darker the noise does not shrink with the light: the camera amplifies.
    if (gain > 1)
        for (float& each : stray_) each = std::min(each * gain, stray_max);
    round();
}

GATEHOUSE_WIDE void Scene::mark(const Raster& now, const Raster& looked, Raster& marks) const {
    if (marks.width != now.width || marks.height != now.height) marks = Raster(now.width, now.height);
    std::uint8_t low = 255, high = 0;
    for (const std::uint8_t pixel : now.pixels) low = std::min(low, pixel), high = std::max(high, pixel);
    // Too bright is the same white whatever it would be without a limit.
    const std::uint8_t* __restrict picture = now.pixels.data();
    const std::uint8_t* __restrict scene = gray_.pixels.data();
    const std::uint8_t* __restrict reach = reach_.pixels.data();
    const std::uint8_t* __restrict eyes = looked.pixels.data();
    std::uint8_t* __restrict out = marks.pixels.data();
    const std::size_t count = now.pixels.size();
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t wanted = std::min(std::max(scene[i], low), high);
        const auto off = static_cast<std::uint8_t>(std::max(picture[i], wanted) - std::min(picture[i], wanted));
        out[i] = static_cast<std::uint8_t>((off > reach[i] ? 255 : 0) & eyes[i]);
    }
}

GATEHOUSE_WIDE void Scene::learn(const Raster& now, const Raster& marks, double dt_s) {
    const std::uint64_t n = ++pictures_;
    const double at_first = n <= learns_fast_pictures ? 1.0 / static_cast<double>(n) : 0;
    const auto speed = static_cast<float>(std::clamp(std::max(1 - std::exp(-dt_s / learns_within_s), at_first), 0.0, 0.5));
    const auto dt_ms = static_cast<std::uint32_t>(std::clamp(dt_s, 0.0, 3600.0) * 1000);
    const std::uint8_t* __restrict picture = now.pixels.data();
    const std::uint8_t* __restrict marked = marks.pixels.data();
    float* __restrict mean = mean_.data();
    float* __restrict stray = stray_.data();
    std::uint32_t* __restrict age = age_ms_.data();
    const std::size_t count = mean_.size();
    for (std::size_t i = 0; i < count; ++i) {
        const float off = static_cast<float>(picture[i]) - mean[i], far = std::min(std::abs(off), stray_max);
        const float is_marked = static_cast<float>(marked[i]) * (1 / 255.0f);
        // A leaf that keeps flickering is marked often: its straying grows meanwhile, slowly, until it is usual.
        mean[i] += speed * (1 - is_marked) * off;
        stray[i] += speed * (1 - marked_strays_less * is_marked) * (far - stray[i]);
        age[i] = (age[i] + dt_ms) & (0u - (marked[i] >> 7));
    }
    round();
}

void Scene::absorb(const Raster& now, std::uint32_t age_ms, const Raster& never, std::uint32_t never_ms) {
    for (std::size_t i = 0; i < age_ms_.size(); ++i)
        if (age_ms_[i] >= (never.pixels[i] != 0 ? never_ms : age_ms)) take_over(i, now.pixels[i]);
}

void Scene::take_over(std::size_t pixel, std::uint8_t value) {
    mean_[pixel] = value;
    stray_[pixel] = std::max(stray_[pixel], stray_at_first);
    age_ms_[pixel] = 0;
}

GATEHOUSE_WIDE void Scene::round() {
    const float* __restrict mean = mean_.data();
    const float* __restrict stray = stray_.data();
    std::uint8_t* __restrict gray = gray_.pixels.data();
    std::uint8_t* __restrict reach = reach_.pixels.data();
    const std::size_t count = mean_.size();
    for (std::size_t i = 0; i < count; ++i) {
        gray[i] = static_cast<std::uint8_t>(static_cast<int>(std::min(std::max(mean[i], 0.0f), 255.0f) + 0.5f));
        reach[i] = static_cast<std::uint8_t>(static_cast<int>(std::min(gray_levels_allowed + strays_allowed * stray[i], 255.0f)));
    }
    float sum = 0;
    // Every seventh pixel will do for the mean of all.
    std::size_t counted = 0;
    for (std::size_t i = 0; i < count; i += 7, ++counted) sum += stray[i];
    noise_ = counted == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(counted);
}

} // namespace gatehouse::pipelines::watch
