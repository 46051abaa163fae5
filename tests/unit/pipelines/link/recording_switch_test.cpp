// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/recording_switch.hpp"

#include "pipelines/link/sights.hpp"
#include "tests/fakes/sim_clock.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::pipelines;
using namespace std::chrono_literals;

namespace {

struct House {
    explicit House(RecordingPolicy policy = RecordingPolicy::on_event, Schedule schedule = {})
        : recording(RecordingPlan{policy, std::move(schedule), 10s}, clock) {}
    Loop loop;
    fakes::SimClock clock{loop};
    RecordingSwitch recording;
};

Record a_record(Kind kind) {
    Record record;
    record.kind = kind;
    record.source = "gate-1";
    return record;
}

} // namespace

TEST_CASE("recording switch: an event is recorded until its post-roll is over, a new one prolongs it") {
    House house;
    CHECK_FALSE(house.recording.is_on());
    house.recording.pulse();
    CHECK(house.recording.is_on());
    CHECK(house.recording.look_again_in() == 10s);
    house.clock.run_for(6s);
    house.recording.pulse();
    house.clock.run_for(9900ms);
    CHECK(house.recording.is_on());
    house.clock.run_for(200ms);
    CHECK_FALSE(house.recording.is_on());
}

TEST_CASE("recording switch: what goes on is recorded until it ends and its post-roll is over") {
    House house;
    house.recording.hold("watch lane");
    house.recording.hold("watch door");
    house.clock.run_for(60s);
    house.recording.release("watch lane");
    house.recording.release("never heard of");
    house.clock.run_for(60s);
    CHECK(house.recording.is_on());
    house.recording.release("watch door");
    house.clock.run_for(9s);
    CHECK(house.recording.is_on());
    house.clock.run_for(2s);
    CHECK_FALSE(house.recording.is_on());
    house.recording.hold("watch lane");
    house.recording.hold("gate-1");
    house.recording.release_all("watch ");
    house.clock.run_for(11s);
    CHECK(house.recording.is_on());
    house.recording.release("gate-1");
    house.clock.run_for(11s);
    CHECK_FALSE(house.recording.is_on());
}

TEST_CASE("recording switch: an end that never comes is taken for one after ten minutes, and there is a bound to what goes on") {
    House house;
    for (std::size_t i = 0; i < 2 * holds_max; ++i) house.recording.hold("watch " + std::to_string(i));
    house.clock.run_for(hold_max + 9s);
    CHECK(house.recording.is_on());
    house.clock.run_for(2s);
    CHECK_FALSE(house.recording.is_on());
}

TEST_CASE("recording switch: what was wanted is remembered to the second, though nobody asked meanwhile") {
    House house;
    const auto begun = house.clock.now();
    house.recording.pulse();
    house.clock.run_for(60s);
    house.recording.pulse();
    house.clock.run_for(60s);
    const auto spans = house.recording.wanted(begun - 1h, begun + 1h);
    REQUIRE(spans.size() == 2);
    CHECK(spans[0] == TimeSpan{begun, begun + 10s});
    CHECK(spans[1] == TimeSpan{begun + 60s, begun + 70s});
    CHECK(house.recording.wanted(begun + 5s, begun + 30s) == std::vector<TimeSpan>{{begun + 5s, begun + 10s}});
    CHECK(House(RecordingPolicy::off).recording.wanted(begun, begun + 1h).empty());
    CHECK(House(RecordingPolicy::always).recording.wanted(begun, begun + 1h) == std::vector<TimeSpan>{{begun, begun + 1h}});
}

TEST_CASE("recording switch: a schedule switches by itself, and what lies outside it was not wanted") {
    auto schedule = Schedule::read("mon-sun 08:00-09:00", 8h);
    REQUIRE(schedule.has_value());
    House house(RecordingPolicy::scheduled, *schedule);
    const auto day = std::chrono::floor<std::chrono::days>(house.clock.now());
    const Time eight = day + 24h; // 00:00 UTC
    CHECK(house.recording.wanted(eight - 2h, eight + 26h) == std::vector<TimeSpan>{{eight, eight + 1h}, {eight + 24h, eight + 25h}});
    house.recording.pulse();
    const bool in_span = schedule->is_on(house.clock.now());
    CHECK(house.recording.is_on() == in_span);
    const auto change = schedule->next_change(house.clock.now());
    REQUIRE(change.has_value());
    house.clock.run_for(*change - house.clock.now() + 1s);
    CHECK(house.recording.is_on() != in_span);
}

TEST_CASE("recording switch: passages, vehicles, alarms and motion at its place are events, what ends or was read back is none") {
    for (const auto kind :
         {Kind::pass_granted, Kind::door_forced, Kind::vehicle_entered, Kind::fire_alarm, Kind::motion_started, Kind::perimeter_crossed}) {
        CAPTURE(name_of(kind));
        House house;
        drive(house.recording, a_record(kind));
        CHECK(house.recording.is_on());
        House other;
        auto old = a_record(kind);
        old.facts["recovered"] = true;
        drive(other.recording, old);
        CHECK_FALSE(other.recording.is_on());
    }
    for (const auto kind : {Kind::device_online, Kind::device_offline, Kind::alarm_cleared, Kind::motion_ended, Kind::sensor_reading,
                            Kind::clock_skewed, Kind::command_done, Kind::power_lost}) {
        CAPTURE(name_of(kind));
        House house;
        drive(house.recording, a_record(kind));
        CHECK_FALSE(house.recording.is_on());
    }
}

TEST_CASE("recording switch: another device's motion is recorded until that device says that it is over") {
    House house;
    drive(house.recording, a_record(Kind::motion_started));
    house.clock.run_for(60s);
    CHECK(house.recording.is_on());
    auto stranger = a_record(Kind::motion_ended);
    stranger.source = "gate-2";
    drive(house.recording, stranger);
    house.clock.run_for(60s);
    CHECK(house.recording.is_on());
    drive(house.recording, a_record(Kind::motion_ended));
    house.clock.run_for(11s);
    CHECK_FALSE(house.recording.is_on());
}
