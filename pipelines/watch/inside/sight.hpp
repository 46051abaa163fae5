// SPDX-License-Identifier: Apache-2.0
//
// Does the camera see? Covered: the scene's edges are nowhere. Blurred: the scene's edges are there, and weak. Frozen: not a pixel changes, which
// no sensor manages; a clock that the camera writes into the picture may go on.
#pragma once

#include "pipelines/watch/inside/scene.hpp"
#include "pipelines/watch/settings.hpp"

#include <optional>

namespace gatehouse::pipelines::watch {

class Sight {
public:
    explicit Sight(const WatchSettings& settings);

    /// The same picture as before? To be asked first: nothing else is to be learnt of such a picture.
    bool is_repeated(const Raster& now, const Raster& before, const Raster& looked) const;
    /// One picture. False: don't look at it, the camera does not see.
    bool on(const Edges& edges, bool repeated, Time at, double elapsed_s, std::vector<Seen>& seen);

    /// The camera was turned, and has shown a scene of its own for long enough to learn that one.
    bool shows_another_scene(const Edges& edges, double elapsed_s) const;

private:
    struct Doubt {
        Blindness why;
        double after_s;
        std::optional<double> since_s{};
        Time since{};
        bool is_told = false;
    };
    static void weigh(Doubt& doubt, bool is_so, Time at, double elapsed_s, std::vector<Seen>& seen);

    Doubt covered_, blurred_, frozen_;
};

} // namespace gatehouse::pipelines::watch
