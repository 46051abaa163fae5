// SPDX-License-Identifier: Apache-2.0
//
// What is really to be seen in a scene, frame by frame: the judge of everything that looks at its video. Written as JSON beside it:
//
//     {"scene":"gate_day","seed":1,"width":1920,"height":1080,"fps":25,"frames":750,"generator":1,
//      "spans":[{"what":"motion","first":50,"last":210}, …],
//      "objects":[{"id":1,"kind":"car","plate":"浙A12345","way":"in","first":50,"boxes":[[812,330,96,70], …]}, …]}
//
// `first` and `last` are frame numbers from 0, both included. A box is x, y, width, height in pixels, cut at the picture's edge; one for each
// frame from the object's `first` on. Spans may overlap. What they can be:
//
//     motion      something moves: a car, a walker, the barrier's arm
//     light_jump  the light changes and nothing moves: a lamp, a cloud, the camera's own exposure
//     night       dark, noisy, head lamps
//     rain        streaks before the lens, which are no motion of anything
//     covered     the lens sees nothing of the gate
//     frozen      the same picture again and again
//     blurred     out of focus
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::simulators::cameras {

struct Box {
    int x = 0, y = 0, width = 0, height = 0;
};

struct Span {
    std::string_view what;
    int first = 0, last = 0;
};

struct SeenObject {
    int id = 0;
    std::string_view kind; // car, person
    std::string plate;     // cars
    std::string_view way;  // in, out; left, right for walkers
    int first = 0;
    std::vector<Box> boxes;
};

struct Truth {
    std::vector<Span> spans;
    std::vector<SeenObject> objects;

    /// One more frame in which `what` is so: lengthens a span whose last frame is at most `gap` before it, or begins one.
    void note(std::string_view what, int frame, int gap = 1);
};

boost::json::object to_json(const Truth& truth);

} // namespace gatehouse::simulators::cameras
