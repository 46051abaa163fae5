// SPDX-License-Identifier: Apache-2.0
//
// The shortest whole stories: each kind of device, from its frame to the platform's receipt.
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

namespace {

using namespace gatehouse::harness;

TEST_CASE("a swiped card becomes a record that the district keeps, and a cut cable only delays the next") {
    World world;
    auto& doors = world.uhppote("east-doors");
    world.start();
    doors.swipe(8100001, 2);
    auto& district = world.district();
    district.wait_for_count("pass.granted", 1);
    district.cable().cut();
    doors.burst(50);
    district.cable().mend();
    world.wait_until_all_arrived(district);
    CHECK(district.figure("duplicates") == 0);
    CHECK(district.application().state().at("kept_twice").to_number<int>() == 0);
    CHECK(world.gateway().stop() == Exit{.code = 0, .signal = 0});
}

TEST_CASE("a car and a face arrive too, and the gateway killed on the way loses nothing") {
    World world;
    auto& camera = world.plate_camera("east-gate");
    auto& terminal = world.face_terminal("east-face");
    world.start();
    camera.drive("浙A12345");
    terminal.show_face("30112");
    auto& district = world.district();
    world.wait_until_all_arrived(district);
    world.gateway().kill();
    terminal.swipe("0008165537", "30112");
    camera.drive("沪B98765");
    world.gateway().start();
    world.wait_until_all_arrived(district, 40s);
    CHECK(district.application().state().at("kept_twice").to_number<int>() == 0);
}

} // namespace
