// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/clock_watch.hpp"

#include "daemon/base/clock_witness.hpp"
#include "tests/fakes/sim_clock.hpp"
#include "tests/harness/temp_dir.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::app;
using namespace std::chrono_literals;

TEST_CASE("the witness stands while the clock is synced, is fresh each second, and goes when it is not") {
    const harness::TempDir folder("witness");
    const auto file = (folder / "synced").string();
    believe_clock_witness(file);
    Loop loop;
    fakes::SimClock clock(loop);
    TaskGroup group(loop);
    group.spawn("witness", watch_clock(clock, file));
    clock.run_for(1s);
    CHECK(std::filesystem::exists(file));
    CHECK(clock_is_witnessed(clock.now()));
    clock.run_for(1h);
    CHECK(clock_is_witnessed(clock.now()));
    CHECK_FALSE(clock_is_witnessed(clock.now() + witness_age_max + 2s));
    clock.set_quality(ClockQuality::unsynced);
    clock.run_for(2s);
    CHECK_FALSE(std::filesystem::exists(file));
    clock.set_quality(ClockQuality::synced);
    clock.run_for(2s);
    CHECK(clock_is_witnessed(clock.now()));
    group.cancel();
    clock.run_for(1ms);
    believe_clock_witness("");
}
