// SPDX-License-Identifier: Apache-2.0
//
// The mains fail under a whole gateway: NUT's own upsd tells it, everything without a battery falls silent, and at the end the daemon stops
// while it can.
#include "tests/harness/ups.hpp"
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <thread>

using namespace gatehouse::harness;
using namespace std::chrono_literals;

namespace {

std::string id_of_outage(Platform& platform) {
    for (const auto& event : platform.kept("urgent"))
        if (event.kind == "power.lost") return event.id;
    return {};
}

GatewayOptions on_the_ups() {
    GatewayOptions options;
    options.more_settings = "[power]\nups = \"room-ups\"\n";
    return options;
}

} // namespace

TEST_CASE("real upsd says that the mains are gone and the battery low: told up, then a stop in order; the return is told by the next start") {
    World world(on_the_ups());
    Ups ups(world.folder());
    world.add_device(ups.device("room-ups"));
    world.start();
    auto& district = world.district();
    district.wait_for_count("device.online", 1, "routine", 15s);
    ups.status("OB LB DISCHRG");
    district.wait_for_count("power.lost", 1, "urgent", 15s);
    district.wait_for_count("alarm.raised", 1, "urgent", 15s);
    CHECK(world.gateway().process().wait(30s) == Exit{75, 0});
    CHECK(world.gateway().log().find("the battery is about to end") != std::string::npos);
    ups.status("OL CHRG");
    std::this_thread::sleep_for(3s); // the driver's two seconds
    world.gateway().start();
    district.wait_for_count("power.restored", 1, "urgent", 15s);
    district.wait_for_count("gateway.stopped", 1, "routine", 15s);
    std::string cause;
    for (const auto& event : district.kept()) {
        if (event.kind != "gateway.stopped") continue;
        const auto whole = district.event(event.sequence);
        cause = whole.at("data").at("facts").at("cause").as_string();
    }
    CHECK(cause == "battery_low");
    world.wait_until_sound();
}

TEST_CASE("an outage is one urgent alarm, and what goes dark with it is routine and names it" * doctest::test_suite("long") * doctest::skip()) {
    World world(on_the_ups());
    Ups ups(world.folder());
    world.add_device(ups.device("room-ups"));
    std::vector<UhppoteDoors*> doors;
    for (const auto* name : {"north", "south"}) {
        UhppoteOptions controller;
        controller.serial = static_cast<std::uint32_t>(423187757 + doors.size());
        controller.address = "127.0.0." + std::to_string(1 + doors.size());
        doors.push_back(&world.uhppote(name, controller, {{"heartbeat_s", "1"}}));
    }
    world.start();
    auto& district = world.district();
    district.wait_for_count("device.online", 3, "routine", 30s);
    ups.status("OB DISCHRG");
    district.wait_for_count("power.lost", 1, "urgent", 15s);
    for (auto* each : doors) each->unplug();
    district.wait_for_count("device.dark", 2, "routine", 60s);
    CHECK(district.count("device.offline", "urgent") == 0);
    CHECK(district.count("power.lost", "urgent") == 1);
    for (const auto& event : district.kept()) {
        if (event.kind != "device.dark") continue;
        const auto whole = district.event(event.sequence);
        CHECK(std::string(whole.at("data").at("facts").at("outage").as_string()) == id_of_outage(district));
    }
    for (auto* each : doors) each->plug();
    ups.status("OL CHRG");
    district.wait_for_count("power.restored", 1, "urgent", 15s);
    district.wait_for_count("device.online", 5, "routine", 60s);
    world.wait_until_sound();
}
