// SPDX-License-Identifier: Apache-2.0
//
// What a watcher says: plain values. Whoever hears them makes records of them (motion.started, motion.ended, camera.covered, person.seen,
// perimeter.crossed); none says who somebody is.
#pragma once

#include "daemon/base/clock.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace gatehouse::pipelines::watch {

/// Relative to the picture: 0,0 is its upper left corner and 1,1 its lower right one.
struct Box {
    double x = 0, y = 0, width = 0, height = 0;
};

/// Something began to move in a zone. The whole picture is a zone without a name where settings have none.
struct MotionStarted {
    std::string zone;
    Box box; ///< around what moves
    Time at{};
};

/// It has been still for `motion_ends_after`.
struct MotionEnded {
    std::string zone;
    Box box; ///< around all that moved meanwhile
    Time started_at{};
    Time last_at{}; ///< the last picture in which something moved
};

/// The light changed and nothing moved: a lamp, a cloud, the exposure. At most one a second; not a fault.
struct LightJumped {
    Time at{};
    double gain = 1; ///< 1 where only a part of the picture changed
};

enum class Blindness : std::uint8_t {
    covered, ///< nothing of the scene is to be seen
    blurred, ///< the scene is there, its edges are not
    frozen,  ///< the same picture again and again
};
std::string_view name_of(Blindness blindness);

/// The camera does not see any more. While it is so nothing else is said.
struct SightLost {
    Blindness why{};
    Time since{}; ///< the first such picture
};
struct SightRestored {
    Blindness why{};
    Time since{}, at{};
};

struct Detection {
    std::string what; ///< "person", or the detector's word for its class
    double score = 0; ///< higher is surer; persons: the distance from the HOG's plane; else the model's 0 to 1
    Box box;
};
/// Persons in one picture, as OpenCV's HOG sees them; only said where there is one.
struct PersonsSeen {
    std::vector<Detection> persons;
    Time at{};
};
/// What the model that the user supplied sees in one picture; only said where it sees something.
struct ObjectsSeen {
    std::vector<Detection> objects;
    Time at{};
};

/// Something has stood in the zone for as long as its `dwell`.
struct DwellReached {
    std::string zone;
    Box box;
    Time since{}, at{};
};
/// The zone is free again.
struct DwellEnded {
    std::string zone;
    Time since{}, at{};
};

/// Looking from a line's `from` to its `to`.
enum class Way : std::uint8_t { both, to_left, to_right };

struct LineCrossed {
    std::string line;
    Way way = Way::to_left; ///< never `both`
    bool is_wrong = false;  ///< the line allows the other way only
    Box box;
    Time at{};
};

using Seen =
    std::variant<MotionStarted, MotionEnded, LightJumped, SightLost, SightRestored, PersonsSeen, ObjectsSeen, DwellReached, DwellEnded, LineCrossed>;

} // namespace gatehouse::pipelines::watch
