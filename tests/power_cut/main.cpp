// SPDX-License-Identifier: Apache-2.0
//
// power_cut SEED: one crash point again. power_cut --points N [--from SEED]: so many, from the seed on; ends with 1 when one fails.
#include "tests/power_cut/crash_point.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

using namespace gatehouse::power_cut;

namespace {

void print(const Tally& tally, double seconds) {
    std::printf("%llu simulated crash points (%llu power cuts, %llu scripts with a failing disk), %.1f s: %llu failed; %llu records acknowledged, "
                "%llu kept by the platform\n",
                static_cast<unsigned long long>(tally.points), static_cast<unsigned long long>(tally.cuts),
                static_cast<unsigned long long>(tally.faults), seconds, static_cast<unsigned long long>(tally.failed),
                static_cast<unsigned long long>(tally.acknowledged), static_cast<unsigned long long>(tally.delivered));
}

int usage() {
    std::fputs("usage: power_cut SEED | power_cut --points N [--from SEED]\n", stdout);
    return 2;
}

} // namespace

int main(int argc, char** argv) {
    std::uint64_t from = 0, points = 0;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        char* end = nullptr;
        const bool is_named = word == "--points" || word == "--from";
        if (is_named && ++i == argc) return usage();
        const auto number = std::strtoull(argv[i], &end, 10);
        if (end == argv[i] || *end != '\0') return usage();
        if (word == "--points")
            points = number;
        else
            from = number;
        if (!is_named) points = 1;
    }
    if (points == 0) return usage();
    // The log of thousands of failing disks is no news; for one seed it is.
    if (points > 1 && std::freopen("/dev/null", "w", stderr) == nullptr) return 2;
    const auto started = std::chrono::steady_clock::now();
    const auto tally = live_through(from, points, Plant::none, [](std::uint64_t seed, const std::string& wrong) {
        std::printf("replay with: power_cut %llu   %s\n", static_cast<unsigned long long>(seed), wrong.c_str());
        std::fflush(stdout);
    });
    print(tally, std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
    return tally.failed == 0 ? 0 : 1;
}
