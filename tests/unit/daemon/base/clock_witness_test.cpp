// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/clock_witness.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdlib>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

/// A file's name in a folder of its own.
struct Witness {
    Witness() {
        char name[] = "/tmp/gatehouse-witness-XXXXXX";
        folder = ::mkdtemp(name);
        file = folder + "/synced";
        believe_clock_witness(file);
    }
    ~Witness() {
        believe_clock_witness("");
        ::unlink(file.c_str());
        ::rmdir(folder.c_str());
    }
    void set_time(Time time) const {
        const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        const timespec at{to_us(time) / 1'000'000, 0};
        const timespec both[2] = {at, at};
        CHECK(::futimens(fd, both) == 0);
        ::close(fd);
    }
    std::string folder, file;
};

/// What the unit's ProtectClock=yes does: the calls that set the clock, and with them the one that reads its state, answer EPERM.
bool protect_clock() {
    const auto number = static_cast<std::uint32_t>(offsetof(seccomp_data, nr));
    std::array program{
        sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, number},
        sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_adjtimex},
        sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_clock_adjtime},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    const sock_fprog filter{program.size(), program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// RealClock's word in a process whose clock is protected: 0 synced, 1 unsynced.
int quality_when_protected() {
    const auto child = ::fork();
    if (child == 0) {
        if (!protect_clock()) ::_exit(2);
        Loop loop;
        ::_exit(RealClock(loop).quality() == ClockQuality::synced ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

} // namespace

TEST_CASE("in a sandbox that protects the clock, a fresh witness is believed; an old one, one of the future and none are not") {
    const Witness witness;
    const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    CHECK(quality_when_protected() == 1);
    witness.set_time(now + 1min);
    CHECK(quality_when_protected() == 1);
    witness.set_time(now - 1min);
    CHECK(quality_when_protected() == 1);
    witness.set_time(now);
    CHECK(quality_when_protected() == 0);
}
