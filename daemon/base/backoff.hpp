// SPDX-License-Identifier: Apache-2.0
//
// How long to wait before trying again: doubling from delay_min to delay_max, with full jitter in the upper half so that a hundred
// gateways do not come back in the same second. A try that lasted calms_after resets it.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/entropy.hpp"

#include <algorithm>

namespace gatehouse {

class Backoff {
public:
    struct Options {
        Duration delay_min = std::chrono::seconds(1);
        Duration delay_max = std::chrono::seconds(60);
        Duration calms_after = std::chrono::seconds(60);
    };
    Backoff(Options options, Entropy& entropy) : options_(options), entropy_(entropy), next_(options.delay_min) {}

    /// The wait after a try that lasted `lasted`.
    Duration after(Duration lasted) {
        if (lasted >= options_.calms_after) next_ = options_.delay_min;
        const auto full = next_;
        next_ = std::min(options_.delay_max, next_ * 2);
        const auto half = full / 2;
        return half + Duration(static_cast<std::int64_t>(entropy_.below(static_cast<std::uint64_t>(half.count()) + 1)));
    }
    void reset() { next_ = options_.delay_min; }

private:
    Options options_;
    Entropy& entropy_;
    Duration next_;
};

} // namespace gatehouse
