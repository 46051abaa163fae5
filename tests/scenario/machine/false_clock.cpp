// SPDX-License-Identifier: Apache-2.0
//
// A wall clock that a story sets while the program runs: preloaded (LD_PRELOAD) into gatehoused, it answers for clock_gettime(CLOCK_REALTIME),
// gettimeofday, time and adjtimex. What the clock says stands in the file that FALSE_CLOCK names (false_clock.hpp), shared with the story. The
// monotonic clock stays the machine's: so it is when somebody sets the time.
#include "tests/scenario/machine/false_clock.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdlib>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

namespace {

using gatehouse::harness::ClockSays;

const ClockSays* what_the_story_says() {
    static const ClockSays* const says = []() -> const ClockSays* {
        const char* name = std::getenv("FALSE_CLOCK");
        const int file = name != nullptr ? ::open(name, O_RDONLY | O_CLOEXEC) : -1;
        if (file < 0) return nullptr;
        void* page = ::mmap(nullptr, sizeof(ClockSays), PROT_READ, MAP_SHARED, file, 0);
        ::close(file);
        return page == MAP_FAILED ? nullptr : static_cast<const ClockSays*>(page);
    }();
    return says;
}

std::int64_t in_us(clockid_t clock) {
    timespec at{};
    ::syscall(SYS_clock_gettime, clock, &at);
    return at.tv_sec * 1'000'000 + at.tv_nsec / 1000;
}

std::int64_t now_us() {
    const auto real = in_us(CLOCK_REALTIME);
    const auto* says = what_the_story_says();
    if (says == nullptr) return real;
    return real + says->offset_us + (in_us(CLOCK_MONOTONIC) - says->drifts_since_us) / 1000 * says->drift_permille;
}

} // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* at) noexcept {
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return static_cast<int>(::syscall(SYS_clock_gettime, clock, at));
    const auto now = now_us();
    at->tv_sec = now / 1'000'000;
    at->tv_nsec = now % 1'000'000 * 1000;
    return 0;
}

int gettimeofday(timeval* at, void*) noexcept {
    const auto now = now_us();
    at->tv_sec = now / 1'000'000;
    at->tv_usec = now % 1'000'000;
    return 0;
}

time_t time(time_t* at) noexcept {
    const auto now = now_us() / 1'000'000;
    if (at != nullptr) *at = now;
    return now;
}

int adjtimex(timex* state) noexcept {
    const auto* says = what_the_story_says();
    const bool is_synced = says == nullptr || says->is_synced != 0;
    state->status = is_synced ? 0 : STA_UNSYNC;
    return is_synced ? TIME_OK : TIME_ERROR;
}
}
