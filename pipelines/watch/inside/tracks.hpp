// SPDX-License-Identifier: Apache-2.0
//
// Follows what moves from picture to picture, as far as lines need it: where its foot was is on one side, where it is now on the other.
#pragma once

#include "pipelines/watch/inside/blobs.hpp"
#include "pipelines/watch/settings.hpp"

#include <array>

namespace gatehouse::pipelines::watch {

constexpr std::size_t tracks_max = 32;

class Tracks {
public:
    explicit Tracks(std::vector<Line> lines) : lines_(std::move(lines)) {}

    /// The things of one picture; to be called for each picture while there are lines.
    void on(const std::vector<Blob>& blobs, int width, int height, Time at, double elapsed_s, std::vector<Seen>& seen);

private:
    struct Track {
        Box box;
        Point foot;                    // the middle of its lower edge
        double step_x = 0, step_y = 0; // from picture to picture
        double seen_s = 0;
        std::array<std::int8_t, lines_max> side{}; // 1: left of the line, -1: right; 0: on it, or not known yet
        bool is_taken = false;
    };
    void cross(Track& track, Point before, Time at, std::vector<Seen>& seen) const;

    std::vector<Line> lines_;
    std::vector<Track> tracks_;
};

} // namespace gatehouse::pipelines::watch
