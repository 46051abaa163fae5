// SPDX-License-Identifier: Apache-2.0
//
// What a story and the clock that it preloads into the gateway share: one page of a file.
#pragma once

#include <cstdint>

namespace gatehouse::harness {

struct ClockSays {
    std::int64_t offset_us = 0;       ///< added to the machine's time
    std::int64_t drift_permille = 0;  ///< gained a second, since …
    std::int64_t drifts_since_us = 0; ///< … this instant of the monotonic clock
    std::int64_t is_synced = 1;       ///< what the kernel says of it
};

} // namespace gatehouse::harness
