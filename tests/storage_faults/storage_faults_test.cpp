// SPDX-License-Identifier: Apache-2.0
//
// F01c and F13: the store killed before each of its system calls, and each of its writes and syncs failed. The suite "long" does all; the
// short run every so many, beginning at a place that differs from run to run and is printed.
#include "tests/fakes/seed.hpp"
#include "tests/harness/temp_dir.hpp"
#include "tests/storage_faults/sweep.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::storage_faults;

namespace {

bool can_trace() {
    // What is struck are calls, not disks: memory will do, and takes a fifth of the time.
    if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
    const auto why = why_no_strace();
    if (!why.empty()) std::printf("skipped: storage_faults: %s\n", why.c_str());
    return why.empty();
}

/// Being killed before any other call is being killed before the next of these.
bool changes_something(const Call& call) {
    constexpr std::array names{"openat",    "pwrite64", "write",    "writev", "ftruncate", "fdatasync", "fsync",
                               "fallocate", "unlink",   "unlinkat", "mkdir",  "rename",    "exit_group"};
    return std::find(names.begin(), names.end(), call.name) != names.end();
}

/// Before each call, or before every `step`-th of those that change something.
std::size_t kill_at_each(const Start& start, std::size_t step) {
    const harness::TempDir folder("storage-faults");
    Sweep sweep(folder / "run");
    auto calls = sweep.calls_of(start);
    if (step > 1) std::erase_if(calls, [](const Call& call) { return !changes_something(call); });
    std::size_t kills = 0;
    for (std::size_t i = fakes::seed_of_this_run() % step; i < calls.size(); i += step) {
        CAPTURE(start.script);
        CAPTURE(calls[i].name);
        CAPTURE(calls[i].when);
        const auto left = sweep.kill_at(start, calls[i]);
        kills += left.is_killed ? 1 : 0;
        const auto wrong = sweep.judge(left);
        CHECK_MESSAGE(wrong.empty(), wrong);
    }
    return kills;
}

std::size_t fail_each(const Start& start, const std::string& call, const std::string& error, bool for_ever, std::size_t step) {
    const harness::TempDir folder("storage-faults");
    Sweep sweep(folder / "run");
    std::size_t failures = 0;
    for (std::size_t when = 1 + fakes::seed_of_this_run() % step;; when += step) {
        const auto left = sweep.fail_at(start, call, error, when, for_ever);
        if (!left.was_struck()) return failures;
        ++failures;
        CAPTURE(start.script);
        CAPTURE(call);
        CAPTURE(error);
        CAPTURE(for_ever);
        CAPTURE(when);
        const auto early = acknowledged_too_early(left, sweep.log());
        CHECK_MESSAGE(early.empty(), early);
        const auto wrong = sweep.judge(left);
        CHECK_MESSAGE(wrong.empty(), wrong);
    }
}

void fail_all(std::size_t step) {
    std::size_t failures = 0;
    for (const auto& start : all_starts())
        for (const bool for_ever : {false, true}) {
            for (const auto* call : {"fdatasync", "fsync"}) failures += fail_each(start, call, "EIO", for_ever, step > 1 ? step / 4 : 1);
            for (const auto* call : {"pwrite64", "ftruncate"})
                for (const auto* error : {"EIO", "ENOSPC"}) failures += fail_each(start, call, error, for_ever, step);
        }
    std::printf("%zu failed calls\n", failures);
    CHECK(failures > 20);
}

} // namespace

TEST_CASE("store killed before a system call, here and there: what was acknowledged is there once, and the log verifies") {
    if (!can_trace()) return;
    std::size_t kills = 0;
    for (const auto& start : all_starts()) kills += kill_at_each(start, 20);
    std::printf("%zu kills\n", kills);
    CHECK(kills > 20);
}

TEST_CASE("store whose writes and syncs fail, here and there: no acknowledgement before it was opened anew, nothing lost") {
    if (can_trace()) fail_all(40);
}

TEST_SUITE("long" * doctest::skip()) {
    TEST_CASE("store killed before every system call: what was acknowledged is there once, and the log verifies") {
        if (!can_trace()) return;
        std::size_t kills = 0;
        for (const auto& start : all_starts()) kills += kill_at_each(start, 1);
        std::printf("%zu kills\n", kills);
        CHECK(kills > 500);
    }
    TEST_CASE("store whose every write and sync fails once, and for ever: no acknowledgement before it was opened anew, nothing lost") {
        if (can_trace()) fail_all(1);
    }
}
