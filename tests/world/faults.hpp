// SPDX-License-Identifier: Apache-2.0
//
// What may go wrong in a day: one row a fault, with the row of the fault matrix that it stands for. Faults of one part come one after the
// other, those of different parts as they like.
#pragma once

#include "tests/world/world.hpp"

namespace gatehouse::world {

enum class Part { machine, disk, clock, uplink, platform, doors, camera, terminal, network };
inline constexpr std::array parts{Part::machine, Part::disk,   Part::clock,    Part::uplink, Part::platform,
                                  Part::doors,   Part::camera, Part::terminal, Part::network};

struct Fault {
    Part part;
    const char* row; ///< of the fault matrix
    const char* name;
    Duration least, most; ///< how long it lasts
    void (*begin)(World&);
    void (*end)(World&);
};

std::span<const Fault> faults();

} // namespace gatehouse::world
