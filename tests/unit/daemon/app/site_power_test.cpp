// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/site_power.hpp"

#include "tests/fakes/sim_clock.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::app;
using namespace std::chrono_literals;

namespace {

struct Room {
    ~Room() {
        group.cancel();
        clock.run_for(1ms);
    }
    static Task<void> watch(Room& room) {
        co_await room.power.until_it_ends();
        room.has_ended = true;
    }
    void hear(bool on_battery, bool is_ending = false) {
        if (!said) said.emplace();
        said->on_battery = on_battery;
        said->is_ending = is_ending;
        if (on_battery) said->on_battery_heard = clock.steady_now();
        said->lost_id = "lost-1";
    }

    Loop loop;
    fakes::SimClock clock{loop};
    std::optional<drivers::PowerState> said;
    std::string asked;
    SitePower power{clock,
                    [this](const std::string& id) {
                        asked = id;
                        return said;
                    },
                    SitePower::Rules{"ups-1", 5min}};
    bool has_ended = false;
    TaskGroup group{loop};
};

} // namespace

TEST_CASE("site power: an outage begins with the UPS's word and lasts until it has settled") {
    Room room;
    CHECK_FALSE(room.power.cause().has_value());
    room.hear(false);
    CHECK_FALSE(room.power.cause().has_value());
    room.hear(true);
    CHECK(room.power.cause() == "lost-1");
    CHECK(room.asked == "ups-1");
    room.clock.run_for(2s);
    room.hear(false);
    room.clock.run_for(5min - 2s);
    CHECK(room.power.cause() == "lost-1");
    room.clock.run_for(1s);
    CHECK_FALSE(room.power.cause().has_value());
}

TEST_CASE("site power: a UPS that nobody hears any more blames nothing on the power for ever") {
    Room room;
    room.hear(true);
    room.clock.run_for(5min + 1s);
    CHECK(room.said->on_battery);
    CHECK_FALSE(room.power.cause().has_value());
}

TEST_CASE("site power: without a UPS in the settings there is no outage and no end") {
    Room room;
    room.power.change(SitePower::Rules{"", 5min});
    room.hear(true, true);
    CHECK_FALSE(room.power.cause().has_value());
    room.group.spawn("watch", Room::watch(room));
    room.clock.run_for(1min);
    CHECK_FALSE(room.has_ended);
}

TEST_CASE("site power: the end must be said for five seconds") {
    Room room;
    room.group.spawn("watch", Room::watch(room));
    room.hear(true, true);
    room.clock.run_for(4s);
    room.hear(true, false); // the self test of a UPS says so for a moment
    room.clock.run_for(10s);
    CHECK_FALSE(room.has_ended);
    room.hear(true, true);
    room.clock.run_for(4s);
    CHECK_FALSE(room.has_ended);
    room.clock.run_for(3s);
    CHECK(room.has_ended);
}
