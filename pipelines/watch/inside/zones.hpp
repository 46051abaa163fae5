// SPDX-License-Identifier: Apache-2.0
//
// Zones and masks as pixels, and what goes on in each zone: motion that begins and ends, and things that stay.
#pragma once

#include "pipelines/watch/inside/blobs.hpp"
#include "pipelines/watch/settings.hpp"

#include <optional>

namespace gatehouse::pipelines::watch {

/// 1 where the middle of a pixel lies inside.
Raster drawn(const Polygon& polygon, int width, int height);

class Zones {
public:
    explicit Zones(const WatchSettings& settings);

    /// To be called before the first picture and when pictures become of another size; what goes on in the zones goes on.
    void fit(int width, int height);

    /// 255 where somebody looks: in a zone (or a line is there, or no zone is) and not under a mask.
    const Raster& looked() const { return looked_; }
    /// 255 where a zone minds what stays.
    const Raster& minds_dwell() const { return minds_dwell_; }
    /// The least number of pixels that any zone takes for motion.
    std::uint32_t pixels_min() const { return pixels_min_; }

    /// One picture's blobs. `age_ms`: for how long each pixel has been taken.
    void on(const std::vector<Blob>& blobs, const BlobFinder& finder, const Raster& marks, const std::vector<std::uint32_t>& age_ms, Time at,
            double elapsed_s, std::vector<Seen>& seen);

    bool moves() const;

private:
    struct Place {
        Zone zone;
        std::uint32_t pixels = 0;     // that it has
        std::uint32_t pixels_min = 0; // that must move
        // motion
        bool moves = false;
        int pictures_moving = 0;
        Time started{}, last{};
        double last_s = 0;
        Box box{};
        // what stays
        std::optional<double> stays_since_s{}, free_since_s{};
        Time stays_since{};
        bool is_told = false;
    };
    struct Share {
        std::uint32_t moving = 0, standing = 0;
        std::optional<Box> moving_box, standing_box;
    };
    void motion(Place& place, const Share& share, Time at, double elapsed_s, std::vector<Seen>& seen) const;
    void dwell(Place& place, const Share& share, Time at, double elapsed_s, std::vector<Seen>& seen) const;

    double ends_after_s_;
    bool looks_everywhere_; // who crosses a line comes from outside all zones, perhaps
    std::vector<Polygon> masks_;
    std::vector<Place> places_;
    std::vector<std::uint16_t> in_; // a bit for each place
    Raster looked_, minds_dwell_;
    std::uint32_t pixels_min_ = 0;
    double picture_s_ = 0, between_s_ = 1; // when the last one was; how far apart they are
};

} // namespace gatehouse::pipelines::watch
