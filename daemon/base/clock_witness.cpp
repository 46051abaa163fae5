// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/clock_witness.hpp"

#include "daemon/base/log.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse {

namespace {

std::string& witness() {
    static std::string file;
    return file;
}

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

void believe_clock_witness(std::string file) { witness() = std::move(file); }

bool clock_is_witnessed(Time now) {
    struct stat about {};
    if (witness().empty() || ::stat(witness().c_str(), &about) != 0) return false;
    const auto age = now - from_us(std::int64_t{about.st_mtim.tv_sec} * 1'000'000 + about.st_mtim.tv_nsec / 1000);
    return age <= witness_age_max && age >= -witness_age_max;
}

Task<void> witness_clock(Clock& clock, std::string file) {
    bool could = true;
    for (;;) {
        const bool is_synced = clock.quality() == ClockQuality::synced;
        const bool can = is_synced ? touch(file, clock.now()) : ::unlink(file.c_str()) == 0 || errno == ENOENT;
        if (!can && could) log::error("clock", "the witness cannot write", {{"file", file}, {"what", std::generic_category().message(errno)}});
        could = can;
        co_await clock.sleep_for(std::chrono::seconds(1));
    }
}

} // namespace gatehouse
