// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/store/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::store;
using std::chrono::days;
using std::chrono::hours;

namespace {

std::shared_ptr<const Bytes> a_picture(int which) {
    return std::make_shared<const Bytes>(Bytes{0xff, 0xd8, static_cast<std::uint8_t>(which), static_cast<std::uint8_t>(which >> 8), 0xff, 0xd9});
}

/// A car with a face and a plate in it; every record's pictures are its own, from `which` on.
Record a_car(World& world, int which) {
    auto record = world.pass();
    record.pictures = {Picture{PictureRole::scene, a_picture(which)}, Picture{PictureRole::face, a_picture(which + 1)},
                       Picture{PictureRole::plate, a_picture(which + 2)}};
    return record;
}

bool can_read(World& world, int which) {
    const auto sha256 = gatehouse::sha256(*a_picture(which));
    return world.await(world.store->read_picture(sha256)).has_value();
}

} // namespace

TEST_CASE("a picture goes at its role's ceiling while its record stays, and the log still verifies") {
    World world;
    world.options.pictures_kept = {{PictureRole::scene, {30, 90}}, {PictureRole::face, {0, 30}}, {PictureRole::plate, {30, 60}}};
    world.options.kept[RetentionClass::passage] = {365, 730};
    world.open();
    const auto position = world.must_append(a_car(world, 10));
    world.clock.run_for(days(29));
    CHECK(world.await(world.store->keep_picture_retention()).value() == 0);
    for (const int which : {10, 11, 12}) CHECK(can_read(world, which));

    world.must_append(a_car(world, 20));
    world.clock.run_for(days(1) + hours(1));
    CHECK(world.await(world.store->keep_picture_retention()).value() == 1); // the old one's face
    CHECK(can_read(world, 10));
    CHECK_FALSE(can_read(world, 11));
    CHECK(can_read(world, 12));
    for (const int which : {20, 21, 22}) CHECK(can_read(world, which));

    world.clock.run_for(days(30));
    CHECK(world.await(world.store->keep_picture_retention()).value() == 2); // its plate, and the younger one's face
    CHECK(can_read(world, 10));
    CHECK_FALSE(can_read(world, 12));
    CHECK_FALSE(can_read(world, 21));
    CHECK(can_read(world, 22));

    const auto record = world.await(world.store->read_at(position)).value();
    REQUIRE(record);
    CHECK(record->pictures.size() == 3); // what there was is still known
    const auto report = world.await(world.store->verify()).value();
    CHECK_MESSAGE(report.fault.empty(), report.fault);
    CHECK_FALSE(report.first_bad);

    // After a restart nothing is asked for twice that matters, and nothing that should stay goes.
    world.open();
    world.await(world.store->keep_picture_retention()).value();
    CHECK(can_read(world, 10));
    CHECK(can_read(world, 22));
}

TEST_CASE("a picture that a device sends again on another day outlives the first one's ceiling") {
    World world;
    world.options.pictures_kept = {{PictureRole::scene, {30, 90}}, {PictureRole::face, {0, 30}}, {PictureRole::plate, {30, 60}}};
    world.open();
    const auto send = [&] {
        auto record = world.pass();
        record.pictures = {Picture{PictureRole::face, a_picture(7)}};
        world.must_append(std::move(record));
    };
    send();
    world.clock.run_for(days(20));
    send();
    world.clock.run_for(days(11));
    CHECK(world.await(world.store->keep_picture_retention()).value() == 1);
    CHECK(can_read(world, 7));
    world.clock.run_for(days(20));
    CHECK(world.await(world.store->keep_picture_retention()).value() == 1);
    CHECK_FALSE(can_read(world, 7));
}

TEST_CASE("a clock that nobody vouches for destroys no picture") {
    World world;
    world.options.pictures_kept = {{PictureRole::face, {0, 30}}};
    world.open();
    world.must_append(a_car(world, 10));
    world.clock.run_for(days(40));
    world.clock.set_quality(ClockQuality::unsynced);
    CHECK(world.await(world.store->keep_picture_retention()).value() == 0);
    CHECK(can_read(world, 11));
}

TEST_CASE("a picture that came under a clock in 1970 stays until its role's ceiling all the same (F21)") {
    World world;
    world.options.pictures_kept = {{PictureRole::face, {0, 30}}};
    world.open();
    world.clock.step_wall(-days(20'000));
    world.must_append(a_car(world, 10));
    world.clock.step_wall(days(20'000));
    world.clock.run_for(hours(25));
    CHECK(world.await(world.store->keep_picture_retention()).value() == 0);
    CHECK(can_read(world, 11));
    world.clock.run_for(days(31));
    CHECK(world.await(world.store->keep_picture_retention()).value() == 1);
    CHECK_FALSE(can_read(world, 11));
}
