// SPDX-License-Identifier: Apache-2.0
//
// The disk under the gateway is full, fails, turns read-only, or takes five seconds over a sync (F10, F12, F13, F14): nothing that was
// acknowledged is lost, nothing is acknowledged that is not stored, alarms go up, doors open, the console answers.
#include "tests/harness/small_disk.hpp"
#include "tests/harness/world.hpp"
#include "tests/scenario/machine/struck.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <cstdio>

using namespace gatehouse::harness;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t small_disk_bytes = 64 * 1024 * 1024;

bool can_strike() {
    const auto why = Struck::why_not();
    if (!why.empty()) std::printf("skipped: scenario_machine: %s\n", why.c_str());
    return why.empty();
}

/// A folder, a small disk in it, and the story told on it; skipped by name where nothing can be mounted.
template <class Story>
void on_small_disk(bool needs_ext4, Story story) {
    const TempDir folder("small-disk");
    try {
        SmallDisk disk(folder.path(), small_disk_bytes);
        if (needs_ext4 && disk.kind() != "ext4") throw NoDisk{"no loop devices for an ext4 of its own"};
        GatewayOptions options;
        options.state_folder = (disk.path() / "state").string();
        World world(options);
        story(disk, world);
        if (world.gateway().is_running()) world.gateway().stop();
    } catch (const NoDisk& no) {
        std::printf("skipped: scenario_machine: %s\n", no.why.c_str());
    }
}

std::string disk_state(World& world) { return std::string(world.gateway().api().get("/api/v1/status").at("disk").at("state").as_string()); }

void wait_for_disk(World& world, const std::string& state, std::chrono::milliseconds within = 5s) {
    eventually(
        "disk " + state, [&] { return disk_state(world) == state; }, within, [&] { return world.gateway().process().last_words(); });
}

std::uint64_t volatile_alarms(World& world) { return world.district().figure("volatile", "urgent"); }

/// While it is out: the console answers, a door opens, an alarm is at the platform at once, and none of it is claimed to be stored.
void check_life_without_disk(World& world, UhppoteDoors& doors) {
    const auto before = volatile_alarms(world);
    doors.force_door(2);
    world.district().wait_for("an alarm that is nowhere stored", [&](Platform&) { return volatile_alarms(world) > before; });
    world.gateway().api().post("/api/v1/devices/doors/open", boost::json::object{{"door", 1}});
    CHECK(world.gateway().api().ask("GET", "/api/v1/records?limit=5").status == 200);
    int code = -1;
    CHECK(world.gateway().ctl({"check", "--json"}, &code).find("disk.failed") != std::string::npos);
}

/// Afterwards: every event once, in order, sealed, at the platform.
void settle(World& world, UhppoteDoors& doors) {
    doors.traffic(0);
    doors.swipe(8100001);
    world.wait_until_sound(60s);
}

} // namespace

TEST_CASE("disk filled up in steps: nothing is acknowledged that is not stored, alarms go up, and room alone brings it back (F10)") {
    on_small_disk(false, [](SmallDisk& disk, World& world) {
        auto& doors = world.uhppote("doors");
        world.start();
        doors.traffic(50);
        world.district().wait_for("fifty events", [](Platform& p) { return p.kept().size() >= 50; });
        for (const std::uint64_t left : {8'000'000u, 2'000'000u, 0u}) {
            disk.fill_down_to(left);
            doors.burst(20);
        }
        wait_for_disk(world, "failed", 20s);
        check_life_without_disk(world, doors);
        disk.make_room();
        wait_for_disk(world, "sound");
        settle(world, doors);
        CHECK(world.gateway().is_running());
    });
}

TEST_CASE("the file system turns read-only under the gateway: degraded within five seconds, and whole again after the repair (F14)") {
    on_small_disk(true, [](SmallDisk& disk, World& world) {
        auto& doors = world.uhppote("doors");
        world.start();
        doors.traffic(30);
        world.district().wait_for("thirty events", [](Platform& p) { return p.kept().size() >= 30; });
        disk.abort();
        wait_for_disk(world, "failed");
        check_life_without_disk(world, doors);
        world.gateway().stop();
        disk.repair();
        world.gateway().start();
        settle(world, doors);
    });
}

TEST_CASE("every write answers EROFS, then the disk takes writes again: it goes on by itself (F14)") {
    if (!can_strike()) return;
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    doors.traffic(30);
    world.district().wait_for("thirty events", [](Platform& p) { return p.kept().size() >= 30; });
    {
        Struck disk(world.gateway().process(), {"pwrite64:error=EROFS", "ftruncate:error=EROFS"}, {}, world.folder());
        wait_for_disk(world, "failed");
        check_life_without_disk(world, doors);
    }
    wait_for_disk(world, "sound");
    settle(world, doors);
}

TEST_CASE("a sync fails once, and a sync of the folder: the log is opened anew, and nothing acknowledged is lost (F13)") {
    if (!can_strike()) return;
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    doors.traffic(50);
    world.district().wait_for("fifty events", [](Platform& p) { return p.kept().size() >= 50; });
    const auto log = world.gateway().state_folder() / "gatehouse.db-wal";
    {
        Struck disk(world.gateway().process(), {"fdatasync:error=EIO:when=3"}, {log}, world.folder());
        eventually("a sync that failed", [&] { return disk.count() >= 1; });
        world.gateway().wait_for_log("every connection is opened anew");
    }
    wait_for_disk(world, "sound");
    settle(world, doors);
    world.gateway().kill_and_start(); // and from the file alone
    world.wait_until_sound(60s);
}

TEST_CASE("a sync takes five seconds: doors open meanwhile as if it took none, and nothing is lost (F12)") {
    if (!can_strike()) return;
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    doors.traffic(20);
    world.district().wait_for("twenty events", [](Platform& p) { return p.kept().size() >= 20; });
    {
        constexpr auto delay = 5s;
        Struck disk(world.gateway().process(), {"fdatasync:delay_enter=" + std::to_string(std::chrono::microseconds(delay).count())}, {},
                    world.folder());
        world.gateway().ctl({"status"}); // somebody looks: no harm
        Clock::duration worst{};
        for (int i = 0; i < 20; ++i) {
            const auto asked = Clock::now();
            world.gateway().api().post("/api/v1/devices/doors/open", boost::json::object{{"door", 1 + i % 4}});
            worst = std::max(worst, Clock::now() - asked);
        }
        std::printf("slowest of 20 doors while a sync takes 5 s: %lld ms\n",
                    static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(worst).count()));
        CHECK(worst < delay / 2);
        eventually("a sync that took its five seconds", [&] { return disk.count() >= 1; });
    }
    settle(world, doors);
}
