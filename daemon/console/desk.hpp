// SPDX-License-Identifier: Apache-2.0
//
// What the console remembers between requests, in memory. Lives on the loop.
#pragma once

#include "daemon/console/inside/opened_doors.hpp"
#include "daemon/console/inside/turn.hpp"
#include "daemon/console/inside/viewings.hpp"

#include <cstdint>
#include <map>

namespace gatehouse::console {

/// What passed through the door since the start, for /metrics.
struct Traffic {
    std::uint64_t requests = 0;
    std::map<int, std::uint64_t> by_status;
    std::uint64_t refused = 0;        ///< 401 and 403
    std::uint64_t live_now = 0;       ///< open live feeds
    std::uint64_t resyncs = 0;        ///< live readers that were too slow
    std::uint64_t videos_now = 0;     ///< who looks at cameras
    std::uint64_t videos_skipped = 0; ///< fragments that were left out for viewers who were too slow
};

struct Desk {
    Traffic traffic;
    inside::OpenedDoors opened;
    inside::Turn registry_turn;
    inside::Viewings viewings;
};

} // namespace gatehouse::console
