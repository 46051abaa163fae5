// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/clock_watch.hpp"

#include "daemon/app/signals.hpp"
#include "daemon/base/log.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse::app {

namespace {

/// Made where it is not; its time is the clock's, so that the reader compares like with like.
bool touch(const std::string& file, Time now) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) return false;
    timespec at{};
    at.tv_sec = to_us(now) / 1'000'000;
    at.tv_nsec = to_us(now) % 1'000'000 * 1000;
    const timespec both[2] = {at, at};
    const bool is_done = ::fchmod(fd, 0644) == 0 && ::futimens(fd, both) == 0;
    ::close(fd);
    return is_done;
}

} // namespace

Task<void> watch_clock(Clock& clock, std::string file) {
    bool could = true;
    for (;;) {
        const bool is_synced = clock.quality() == ClockQuality::synced;
        const bool can = is_synced ? touch(file, clock.now()) : ::unlink(file.c_str()) == 0 || errno == ENOENT;
        if (!can && could) log::error("clock", "the witness cannot write", {{"file", file}, {"what", std::generic_category().message(errno)}});
        could = can;
        co_await clock.sleep_for(std::chrono::seconds(1));
    }
}

int run_clock_watch(const std::string& file) {
    Loop loop;
    RealClock clock(loop);
    auto whole = [](Loop& own, RealClock& kernel, std::string into) -> Task<void> {
        auto watching = watch_clock(kernel, std::move(into));
        auto stopping = until_told_to_stop(own, [] {});
        co_await first_of(std::move(watching), std::move(stopping));
        own.stop();
    };
    loop.spawn("clock witness", whole(loop, clock, file));
    loop.run();
    return 0;
}

} // namespace gatehouse::app
