// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/scene/light.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace gatehouse::simulators::cameras {

void expose(Canvas& canvas, double gain, double colour) {
    std::array<std::uint8_t, 256> luma{}, chroma{};
    for (int i = 0; i < 256; ++i) {
        luma[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(std::clamp(16 + (i - 16) * gain, 16.0, 235.0));
        chroma[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(std::clamp(128 + (i - 128) * colour, 16.0, 240.0));
    }
    for (auto& pixel : canvas.luma()) pixel = luma[pixel];
    if (colour == 1) return;
    for (auto& pixel : canvas.chroma()) pixel = chroma[pixel];
}

namespace {

// A running mean along one line of pixels, `stride` apart; `line` holds what stood there before.
void mean_along(std::uint8_t* pixels, int count, std::ptrdiff_t stride, int radius, std::vector<std::uint8_t>& line) {
    line.resize(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) line[static_cast<std::size_t>(i)] = pixels[i * stride];
    const auto at = [&](int i) { return static_cast<int>(line[static_cast<std::size_t>(std::clamp(i, 0, count - 1))]); };
    int sum = 0;
    for (int i = -radius; i <= radius; ++i) sum += at(i);
    for (int i = 0; i < count; ++i) {
        pixels[i * stride] = static_cast<std::uint8_t>(sum / (2 * radius + 1));
        sum += at(i + radius + 1) - at(i - radius);
    }
}

} // namespace

void blur(Canvas& canvas, int radius) {
    std::vector<std::uint8_t> line;
    const int width = canvas.width(), height = canvas.height();
    for (int pass = 0; pass < 3; ++pass) {
        for (int y = 0; y < height; ++y) mean_along(canvas.luma().data() + static_cast<std::ptrdiff_t>(y) * width, width, 1, radius, line);
        for (int x = 0; x < width; ++x) mean_along(canvas.luma().data() + x, height, width, radius, line);
    }
}

Noise::Noise(std::uint64_t seed) : random_(seed), draws_(1 << 16) {
    std::normal_distribution<double> normal(0, 16);
    for (auto& draw : draws_) draw = static_cast<std::int8_t>(std::clamp(normal(random_), -127.0, 127.0));
}

// A fresh place in the table for each row: no pattern that stays, at the price of one draw a row.
void Noise::add(Canvas& canvas, double deviation) {
    const int factor = static_cast<int>(deviation * 16);
    const auto width = static_cast<std::size_t>(canvas.width());
    const auto luma = canvas.luma();
    for (std::size_t row = 0; row < luma.size(); row += width) {
        const std::size_t from = random_() % (draws_.size() - width);
        for (std::size_t x = 0; x < width; ++x) {
            const int noisy = luma[row + x] + draws_[from + x] * factor / 256;
            luma[row + x] = static_cast<std::uint8_t>(std::clamp(noisy, 16, 235));
        }
    }
}

void rain(Canvas& canvas, std::uint64_t seed, int frame, int streaks) {
    std::mt19937_64 random(seed);
    const double height = canvas.height(), width = canvas.width();
    for (int i = 0; i < streaks; ++i) {
        const double near = 0.4 + static_cast<double>(random() % 1000) / 1000;
        const double x = static_cast<double>(random() % 100000) / 100000 * width;
        const double start = static_cast<double>(random() % 100000) / 100000 * height;
        const double fallen = std::fmod(start + frame * near * height / 6, height * 1.2) - height * 0.1;
        const double length = near * height / 30;
        canvas.line({x, fallen}, {x + length / 8, fallen + length}, std::max(1.0, near * height / 700), {190, 130, 126});
    }
}

} // namespace gatehouse::simulators::cameras
