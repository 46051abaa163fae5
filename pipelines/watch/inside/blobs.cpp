// SPDX-License-Identifier: Apache-2.0
#include "pipelines/watch/inside/blobs.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace gatehouse::pipelines::watch {
namespace {

// Of its marked pixels so many must lie deep inside, with all eight neighbours marked: rain is streaks, however many of them meet.
constexpr double deep_least = 0.25;

// Halved gray levels from one neighbour to the other. The light of a lamp falls off by less, the border of a dark coat at night by more.
constexpr double steep_least = 3, steep_at_least = 1.5, steep_for_noise = 2.5;
// So many pixels of a smooth light look steep, for noise alone; it counts where the light is larger than a walker.
constexpr double steep_by_chance = 0.04, large_pixels = 1500;
// Gray levels that change for no reason.
constexpr double moved_at_least = 3, moved_for_noise = 3;

// The light may be three times as strong on one side of an edge's life as on the other, and it is still the same edge.
constexpr int same_edge_of_10 = 3;

} // namespace

std::uint32_t BlobFinder::root(std::uint32_t piece) {
    while (parents_[piece] != piece) piece = parents_[piece] = parents_[parents_[piece]];
    return piece;
}

// Runs that touch a run of the row above, corners too, are of its piece.
void BlobFinder::find_runs() {
    runs_.clear();
    parents_.clear();
    std::size_t above = 0, above_end = 0;
    for (int y = 0; y < joined_.height; ++y) {
        const std::uint8_t* row = joined_.row(y);
        const std::uint8_t* end = row + joined_.width;
        const std::size_t first = runs_.size();
        for (const std::uint8_t* at = row; at != end;) {
            at = static_cast<const std::uint8_t*>(std::memchr(at, 255, static_cast<std::size_t>(end - at)));
            if (at == nullptr) break;
            const std::uint8_t* to = std::find(at, end, std::uint8_t{0});
            Run run{
                .y = y, .from = static_cast<int>(at - row), .to = static_cast<int>(to - row), .piece = static_cast<std::uint32_t>(parents_.size())};
            parents_.push_back(run.piece);
            while (above < above_end && runs_[above].to < run.from) ++above;
            for (std::size_t i = above; i < above_end && runs_[i].from <= run.to; ++i) {
                const std::uint32_t a = root(runs_[i].piece), b = root(run.piece);
                parents_[std::max(a, b)] = std::min(a, b);
            }
            runs_.push_back(run);
            at = to;
        }
        above = first;
        above_end = runs_.size();
    }
}

// The runs of a piece beside each other, the larger pieces as blobs.
void BlobFinder::gather(std::uint32_t pixels_min) {
    for (Run& run : runs_) run.piece = root(run.piece);
    std::stable_sort(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) { return a.piece < b.piece; });
    for (std::size_t first = 0, end = 0; first < runs_.size(); first = end) {
        std::uint32_t pixels = 0;
        for (end = first; end < runs_.size() && runs_[end].piece == runs_[first].piece; ++end)
            pixels += static_cast<std::uint32_t>(runs_[end].to - runs_[end].from);
        if (pixels >= pixels_min) blobs_.push_back({.pixels = pixels, .first_run = first, .runs = end - first});
    }
    if (blobs_.size() <= blobs_max) return;
    std::nth_element(blobs_.begin(), blobs_.begin() + blobs_max, blobs_.end(), [](const Blob& a, const Blob& b) { return a.pixels > b.pixels; });
    blobs_.resize(blobs_max);
}

const std::vector<Blob>& BlobFinder::find(const Raster& marks, const Raster& now, const Raster& earlier, const Scene& scene,
                                          std::uint32_t pixels_min) {
    blobs_.clear();
    brightest_near(marks, joined_, scratch_); // pieces of one walker lie a pixel or two apart
    find_runs();
    gather(pixels_min);
    if (blobs_.empty()) return blobs_;
    steepness(now, now_steep_);
    steepness(scene.gray(), scene_steep_);
    brightest_near(now_steep_, now_near_, scratch_);
    brightest_near(scene_steep_, scene_near_, scratch_);
    const int steep = static_cast<int>(std::lround(std::max(steep_least, steep_at_least + steep_for_noise * scene.noise()))),
              moved_by = static_cast<int>(std::lround(moved_at_least + moved_for_noise * scene.noise()));
    for (Blob& blob : blobs_) judge(blob, marks, now, earlier, steep, moved_by);
    std::erase_if(blobs_, [&](const Blob& blob) { return blob.pixels < pixels_min || blob.is == BlobIs::nothing; });
    return blobs_;
}

void BlobFinder::judge(Blob& blob, const Raster& marks, const Raster& now, const Raster& earlier, int steep, int moved_by) const {
    const std::uint32_t joined = blob.pixels;
    std::uint32_t came = 0, went = 0, deep = 0;
    // The rim of the picture is never marked (majority()), so that every marked pixel has eight neighbours.
    const auto is_deep = [&marks](std::size_t i) {
        const std::uint8_t* at = marks.pixels.data() + i;
        const std::ptrdiff_t row = marks.width;
        return (at[-row - 1] & at[-row] & at[-row + 1] & at[-1] & at[1] & at[row - 1] & at[row] & at[row + 1]) != 0;
    };
    blob.pixels = 0;
    blob.left = marks.width, blob.top = marks.height, blob.right = 0, blob.bottom = 0;
    for (const Run& run : runs_of(blob)) {
        const auto row = static_cast<std::size_t>(run.y) * static_cast<std::size_t>(marks.width);
        for (int x = run.from; x < run.to; ++x) {
            const auto i = row + static_cast<std::size_t>(x);
            const int is_steep = now_steep_.pixels[i], was_steep = scene_steep_.pixels[i];
            if (is_steep > steep && scene_near_.pixels[i] * 10 < is_steep * same_edge_of_10) ++came;
            if (was_steep > steep && now_near_.pixels[i] * 10 < was_steep * same_edge_of_10) ++went;
            if (marks.pixels[i] == 0) continue;
            ++blob.pixels;
            if (is_deep(i)) ++deep;
            if (std::abs(now.pixels[i] - earlier.pixels[i]) > moved_by) ++blob.moving;
            blob.left = std::min(blob.left, x), blob.right = std::max(blob.right, x + 1);
            blob.top = std::min(blob.top, run.y), blob.bottom = run.y + 1;
        }
    }
    // A border as long as the side of a square of this size, at the very least.
    const double border = std::max(4.0, std::sqrt(joined)) + steep_by_chance * std::max(0.0, joined - large_pixels);
    if (deep < deep_least * blob.pixels)
        blob.is = BlobIs::nothing;
    else if (came + went < border)
        blob.is = BlobIs::light;
    else if (came * 3 < went && came < border)
        blob.is = BlobIs::left_behind;
}

Box box_of(const Blob& blob, int width, int height) {
    return {static_cast<double>(blob.left) / width, static_cast<double>(blob.top) / height, static_cast<double>(blob.right - blob.left) / width,
            static_cast<double>(blob.bottom - blob.top) / height};
}

Box around(const Box& a, const Box& b) {
    const double x = std::min(a.x, b.x), y = std::min(a.y, b.y);
    return {x, y, std::max(a.x + a.width, b.x + b.width) - x, std::max(a.y + a.height, b.y + b.height) - y};
}

double overlap(const Box& a, const Box& b) {
    const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
    const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
    if (width <= 0 || height <= 0) return 0;
    const double shared = width * height;
    return shared / (a.width * a.height + b.width * b.height - shared);
}

} // namespace gatehouse::pipelines::watch
