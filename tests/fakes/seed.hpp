// SPDX-License-Identifier: Apache-2.0
//
// Where a test looks at some of many cases, chance says at which; printed, so that a run can be had again.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <random>

namespace gatehouse::fakes {

/// GATEHOUSE_SEED, or one of chance; the same for the whole process, printed once.
inline std::size_t seed_of_this_run() {
    static const std::size_t seed = [] {
        const auto* given = std::getenv("GATEHOUSE_SEED");
        const std::size_t one = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
        std::printf("GATEHOUSE_SEED=%zu\n", one);
        return one;
    }();
    return seed;
}

} // namespace gatehouse::fakes
