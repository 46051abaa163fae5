// SPDX-License-Identifier: Apache-2.0
//
// What stands before the scene, in pieces, and what each piece is. A thing has edges that the scene has not, or hides some that it has; light
// and shadow bring smooth borders and leave the scene's edges where they are. What left hides nothing: the scene's edges are gone and no new
// ones came (it was there when the watcher began, and was learnt with the scene).
#pragma once

#include "pipelines/watch/inside/scene.hpp"
#include "pipelines/watch/seen.hpp"

#include <span>

namespace gatehouse::pipelines::watch {

constexpr std::size_t blobs_max = 64;

enum class BlobIs : std::uint8_t { thing, light, left_behind, nothing };

struct Blob {
    int left = 0, top = 0, right = 0, bottom = 0; ///< right and bottom are beyond it
    std::uint32_t pixels = 0;
    std::uint32_t moving = 0; ///< of them, changed against the earlier picture
    BlobIs is = BlobIs::thing;
    std::size_t first_run = 0, runs = 0; ///< see BlobFinder::runs_of()

    /// A thing that moves; leaves in the wind change a few of their pixels.
    bool moves() const { return is == BlobIs::thing && moving * 6 >= pixels; }
};

/// Pixels beside each other in one row.
struct Run {
    int y = 0, from = 0, to = 0; ///< `to` is beyond it
    std::uint32_t piece = 0;
};

class BlobFinder {
public:
    /// `marks` are the pixels that differ from the scene (after majority()); those that differ from `earlier` by more than `moved_by` move. Smaller
    /// pieces than `pixels_min` are left out, and so are the smallest beyond blobs_max.
    const std::vector<Blob>& find(const Raster& marks, const Raster& now, const Raster& earlier, const Scene& scene, std::uint32_t pixels_min);

    const std::vector<Blob>& none() {
        blobs_.clear();
        return blobs_;
    }

    /// Row by row; around the marked pixels lies a rim of one that is not marked. Valid until the next find().
    std::span<const Run> runs_of(const Blob& blob) const { return {runs_.data() + blob.first_run, blob.runs}; }

private:
    void find_runs();
    void gather(std::uint32_t pixels_min);
    std::uint32_t root(std::uint32_t piece);
    void judge(Blob& blob, const Raster& marks, const Raster& now, const Raster& earlier, int steep, int moved_by) const;

    std::vector<Blob> blobs_;
    std::vector<Run> runs_;
    std::vector<std::uint32_t> parents_; // of pieces that were found to be one
    Raster joined_, now_steep_, scene_steep_, now_near_, scene_near_;
    std::vector<std::uint8_t> scratch_;
};

Box box_of(const Blob& blob, int width, int height);
/// The smallest around both.
Box around(const Box& a, const Box& b);
/// Of their union; 0 where they don't meet.
double overlap(const Box& a, const Box& b);

} // namespace gatehouse::pipelines::watch
