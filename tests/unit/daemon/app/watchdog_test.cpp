// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/watchdog.hpp"

#include "daemon/app/signals.hpp"
#include "tests/harness/service_manager.hpp"
#include "tests/unit/daemon/store/world.hpp"

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::app;
using namespace std::chrono_literals;

namespace {

/// A machine whose loop comes late to each timer.
class LateClock final : public Clock {
public:
    explicit LateClock(fakes::SimClock& clock) : clock_(clock) {}
    Time now() const override { return clock_.now(); }
    Instant steady_now() const override { return clock_.steady_now(); }
    ClockQuality quality() const override { return clock_.quality(); }
    Task<void> sleep_until(Instant when) override { return clock_.sleep_until(when + late); }
    Duration late{};

private:
    fakes::SimClock& clock_;
};

/// A store's thread that can hang.
class HangingThread final : public Executor {
public:
    explicit HangingThread(Loop& loop) : loop_(loop) {}
    void post(std::function<void()> work) override {
        if (hangs)
            held_.push_back(std::move(work));
        else
            loop_.post(std::move(work));
    }
    void go_on() {
        hangs = false;
        for (auto& work : held_) loop_.post(std::move(work));
        held_.clear();
    }
    bool hangs = false;

private:
    Loop& loop_;
    std::vector<std::function<void()>> held_;
};

constexpr Duration watchdog_sec = 10s;

/// A store on simulated time, a watchdog beside it, and a manager that listens at a real socket.
struct Watched {
    Watched() {
        auto parts = world.parts();
        auto opened =
            store::open_store(world.options, world.keys, {parts.loop, parts.clock, parts.entropy, parts.files, writer, parts.indexer, parts.pool});
        world.store = std::move(*opened);
        watchdog = std::make_unique<Watchdog>(Watchdog::Parts{world.loop, clock, *world.store, asked, watchdog_interval(), [] { return "well"; },
                                                              [](const std::string& state) { tell_systemd(state); }});
        group.spawn("watchdog", watchdog->run());
        group.spawn("store", world.store->run());
    }
    ~Watched() {
        group.cancel();
        writer.go_on();
        asked.go_on();
        world.clock.run_for(1ms);
        world.close();
    }
    /// The manager listens all the while: a socket holds but a few words.
    void live(Duration howlong) {
        for (; howlong > Duration::zero(); howlong -= 2500ms) {
            world.clock.run_for(std::min<Duration>(howlong, 2500ms));
            manager.heard();
        }
    }
    /// How often the manager was told that we live, in this time from now on.
    std::size_t fed_within(Duration howlong) {
        manager.forget();
        live(howlong);
        return manager.count("WATCHDOG=1");
    }

    harness::ServiceManager manager{watchdog_sec};
    store::World world;
    LateClock clock{world.clock};
    HangingThread writer{world.loop}, asked{world.loop}; ///< where the store writes; whom the watchdog asks
    std::unique_ptr<Watchdog> watchdog;
    TaskGroup group{world.loop};
};

} // namespace

TEST_CASE("the manager's interval is taken as it is, and none where it asks for none") {
    {
        const harness::ServiceManager manager(7s);
        CHECK(watchdog_interval() == 7s);
    }
    CHECK(watchdog_interval() == Duration::zero());
}

TEST_CASE("all well: the watchdog is fed four times an interval, and the state is said once") {
    Watched watched;
    CHECK(watched.fed_within(watchdog_sec) >= 4);
    CHECK(watched.manager.count("STATUS=well") == 1);
    CHECK(watched.fed_within(1h) == 1440);
    CHECK(watched.manager.count("STATUS=well") == 0);
}

TEST_CASE("a loop that comes late to every timer is not fed, and says why") {
    Watched watched;
    watched.live(1min);
    watched.clock.late = watchdog_sec / 2;
    watched.live(1min);
    CHECK(watched.fed_within(5min) > 0);
    watched.clock.late = watchdog_sec / 2 + 1s;
    watched.live(1min);
    CHECK(watched.fed_within(5min) == 0);
    watched.clock.late = Duration::zero();
    watched.live(1min);
    CHECK(watched.fed_within(5min) > 0);
}

TEST_CASE("a store's thread that is silent for longer than a disk may take is not fed") {
    Watched watched;
    watched.live(1min);
    watched.asked.hangs = true;
    CHECK(watched.fed_within(store_silence_max - 10s) > 60);
    watched.live(20s);
    CHECK(watched.fed_within(5min) == 0);
    watched.asked.go_on();
    watched.live(1min);
    CHECK(watched.fed_within(1min) > 0);
}

TEST_CASE("commits count as signs of life while the store's thread comes to no question") {
    Watched watched;
    watched.asked.hangs = true;
    for (int minute = 0; minute < 10; ++minute) {
        watched.world.must_append(watched.world.pass());
        CHECK(watched.fed_within(1min) > 20);
    }
}

TEST_CASE("records that wait for a commit that never comes: not fed, though the thread answers") {
    Watched watched;
    watched.live(1min);
    watched.writer.hangs = true;
    watched.world.store->hand_over(watched.world.pass());
    CHECK(watched.fed_within(store_silence_max - 10s) > 60);
    watched.live(20s);
    CHECK(watched.fed_within(5min) == 0);
    CHECK(watched.world.store->status().waiting_records > 0);
}

TEST_CASE("a disk that failed is fed: no restart heals it, and doors go on without it") {
    Watched watched;
    watched.world.disk.on_operation = [](std::uint64_t, const std::string&, const std::string&) { return true; };
    CHECK_FALSE(watched.world.append(watched.world.pass()).has_value());
    watched.world.store->hand_over(watched.world.pass());
    watched.live(10min);
    CHECK(watched.world.store->status().disk != store::DiskState::sound);
    CHECK(watched.fed_within(10min) >= 240);
    watched.world.disk.on_operation = {};
}

TEST_CASE("an error's text with line breaks is one message to the manager") {
    harness::ServiceManager manager;
    tell_systemd("STATUS=cannot start: no\nWATCHDOG=1");
    REQUIRE(manager.heard().size() == 1);
    CHECK(manager.heard().front() == "STATUS=cannot start: no WATCHDOG=1");
}
