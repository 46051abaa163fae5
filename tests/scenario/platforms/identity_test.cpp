// SPDX-License-Identifier: Apache-2.0
//
// A disk that was cloned: two boxes, one identity, one broker (W2, F35).
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

using namespace gatehouse::harness;

TEST_CASE("two gateways with one identity: the second stops before its first word, says so, and goes on when it has renewed itself") {
    World world;
    auto& doors = world.uhppote("doors");
    auto& district = world.platform("district");
    world.start();
    doors.burst(10);
    world.wait_until_all_arrived(district);
    world.gateway().stop();

    // The same disk in a second box, with a controller of its own.
    GatewayOptions options = world.gateway().options();
    Gateway clone(options, world.folder() / "clone");
    std::filesystem::copy(world.gateway().state_folder(), clone.state_folder(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
    clone.set_upstreams(district.settings());
    clone.set_devices("");
    clone.start();
    world.gateway().start();

    int code = 0;
    const auto conflict = [&](Gateway& box) { return box.ctl({"check"}, &code).find("another gateway uses the same identity") != std::string::npos; };
    eventually(
        "one that sees the other", [&] { return conflict(world.gateway()) || conflict(clone); }, 60s);
    // Whoever saw it first gave way. Once the other box is off, it goes on under a new epoch, not before it is told to.
    Gateway& stopped = conflict(clone) ? clone : world.gateway();
    Gateway& other = &stopped == &clone ? world.gateway() : clone;
    other.kill();
    const auto old_epoch = district.kept().back().epoch;
    CHECK(conflict(stopped));
    CHECK(district.figure("altered") == 0); // no number was used for two events
    stopped.ctl({"identity", "renew"});
    eventually("no conflict", [&] { return !conflict(stopped); });
    doors.swipe(8100001);
    district.wait_for(
        "an event of the new epoch",
        [&](Platform& p) {
            const auto kept = p.kept();
            return !kept.empty() && kept.back().epoch != old_epoch && p.count("alarm.raised", "urgent") >= 1;
        },
        60s);
    CHECK(district.figure("nonconforming") == 0);
}
