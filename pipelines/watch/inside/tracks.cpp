// SPDX-License-Identifier: Apache-2.0
#include "pipelines/watch/inside/tracks.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse::pipelines::watch {
namespace {

constexpr double forgotten_after_s = 1.5;
constexpr double nearest_max = 0.15;    // of the picture: further nobody gets between two pictures
constexpr double on_the_line = 0.012;   // nearer to it than this is on neither side yet
constexpr double beyond_the_ends = 0.1; // of the line's length

Point foot_of(const Box& box) { return {box.x + box.width / 2, box.y + box.height}; }

/// How far left of the line (seen from its beginning to its end, y downwards); negative: right of it.
double left_of(const Line& line, Point point) {
    const double x = line.to.x - line.from.x, y = line.to.y - line.from.y;
    return ((point.x - line.from.x) * y - (point.y - line.from.y) * x) / std::hypot(x, y);
}

/// Where along the line somebody goes through who walks from one point to the other; 0 is its beginning, 1 its end.
double along(const Line& line, Point before, Point now) {
    const double a = left_of(line, before), b = left_of(line, now);
    const double part = a == b ? 1 : a / (a - b);
    const Point at{before.x + part * (now.x - before.x), before.y + part * (now.y - before.y)};
    const double x = line.to.x - line.from.x, y = line.to.y - line.from.y;
    return ((at.x - line.from.x) * x + (at.y - line.from.y) * y) / (x * x + y * y);
}

} // namespace

void Tracks::on(const std::vector<Blob>& blobs, int width, int height, Time at, double elapsed_s, std::vector<Seen>& seen) {
    std::erase_if(tracks_, [&](const Track& track) { return elapsed_s - track.seen_s > forgotten_after_s; });
    for (Track& track : tracks_) track.is_taken = false;
    for (const Blob& blob : blobs) {
        if (blob.is != BlobIs::thing) continue;
        const Box box = box_of(blob, width, height);
        const Point foot = foot_of(box);
        Track* nearest = nullptr;
        double least = nearest_max;
        for (Track& track : tracks_) {
            if (track.is_taken) continue;
            const double away = std::hypot(track.foot.x + track.step_x - foot.x, track.foot.y + track.step_y - foot.y);
            // What overlaps is the same although its foot jumps: a shadow, a bag.
            const double counts = overlap(track.box, box) > 0.3 ? away / 2 : away;
            if (counts < least) least = counts, nearest = &track;
        }
        if (nearest == nullptr) {
            if (tracks_.size() == tracks_max || !blob.moves()) continue;
            tracks_.push_back({.box = box, .foot = foot});
            nearest = &tracks_.back();
            cross(*nearest, foot, at, seen);
        } else {
            const Point before = nearest->foot;
            nearest->step_x = (nearest->step_x + foot.x - before.x) / 2;
            nearest->step_y = (nearest->step_y + foot.y - before.y) / 2;
            nearest->box = box, nearest->foot = foot;
            cross(*nearest, before, at, seen);
        }
        nearest->is_taken = true;
        nearest->seen_s = elapsed_s;
    }
}

void Tracks::cross(Track& track, Point before, Time at, std::vector<Seen>& seen) const {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const Line& line = lines_[i];
        const double left = left_of(line, track.foot);
        if (std::abs(left) < on_the_line) continue;
        const std::int8_t side = left > 0 ? 1 : -1, was = track.side[i];
        track.side[i] = side;
        if (was == 0 || was == side) continue;
        const double where = along(line, before, track.foot);
        if (where < -beyond_the_ends || where > 1 + beyond_the_ends) continue;
        const Way way = side > 0 ? Way::to_left : Way::to_right;
        seen.emplace_back(LineCrossed{line.name, way, line.allowed != Way::both && line.allowed != way, track.box, at});
    }
}

} // namespace gatehouse::pipelines::watch
