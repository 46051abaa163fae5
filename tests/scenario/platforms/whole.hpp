// SPDX-License-Identifier: Apache-2.0
//
// What every story about a platform ends with: what its application keeps is whole and in order.
#pragma once

#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

namespace gatehouse::harness {

inline void check_whole(Platform& platform) {
    for (const auto* lane : {"routine", "urgent"}) {
        CHECK_MESSAGE(platform.figure("holes", lane) == 0, lane);
        CHECK_MESSAGE(platform.figure("altered", lane) == 0, lane);
        CHECK_MESSAGE(platform.figure("nonconforming", lane) == 0, lane);
        const auto kept = platform.kept(lane);
        for (std::size_t i = 1; i < kept.size(); ++i) REQUIRE_MESSAGE(kept[i].previous == kept[i - 1].sequence, lane, " at ", kept[i].sequence);
    }
}

} // namespace gatehouse::harness
