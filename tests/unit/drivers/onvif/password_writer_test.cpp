// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/password_writer.hpp"

#include "drivers/onvif/users.hpp"
#include "tests/unit/drivers/onvif/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;

namespace {

Done prove(World& world, const std::string& password) {
    auto device = world.device;
    device.password = password;
    const auto writer = make_password_writer(device, world.surroundings);
    return world.done(writer->prove());
}

Done write(World& world, const std::string& fresh) {
    const auto writer = make_password_writer(world.device, world.surroundings);
    return world.done(writer->write(fresh));
}

} // namespace

TEST_CASE("get users: names and levels; an answer without any is empty") {
    const auto users = decode_get_users(golden("users.xml"));
    REQUIRE(users.has_value());
    CHECK(*users == std::vector<User>{{"admin", "Administrator"}, {"gate", "Operator"}});
    CHECK(encode_get_users() == "<tds:GetUsers/>");
    CHECK(decode_get_users(golden("fault_not_authorized.xml")).error().fault() == Fault::refused);
    CHECK(decode_get_users("<x/>").has_error());
}

TEST_CASE("password of a camera: written with the account's own level, by token and by HTTP digest, and proved by a new log-in") {
    for (const auto way : {PaperCamera::LogIn::token, PaperCamera::LogIn::http}) {
        World world;
        world.camera.log_in = way;
        world.camera.clock_error = std::chrono::hours(-1);
        const auto written = write(world, "Neues<2026>&mehr");
        REQUIRE_MESSAGE(written.has_value(), (written ? "" : written.error().what()));
        CHECK(world.camera.last_body["SetUser"].find("<tt:UserLevel>Operator</tt:UserLevel>") != std::string::npos);
        CHECK(world.camera.asked["SetUser"] == 1);
        world.camera.password = "Neues-2026";
        CHECK(prove(world, "Neues-2026").has_value());
        CHECK(world.camera.wrong_tries == 0);
        CHECK(prove(world, "Gate-2024!").error().fault() == Fault::refused);
        CHECK(world.camera.wrong_tries == 1); // once, by the way that the camera asks for
    }
}

TEST_CASE("password of a camera: its no is a no, and what nobody is asked for proves nothing") {
    World world;
    world.camera.refuses_users = true;
    const auto refused = write(world, "Neues-2026");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().fault() != Fault::busy);
    CHECK(refused.error().fault() != Fault::malformed);
    CHECK(world.camera.password == "Gate-2024!");
    world.camera.asks_nobody = true;
    CHECK(prove(world, "anything").error().fault() == Fault::unsupported);
    world.camera.asks_nobody = false;
    world.device.username = "nobody-listed";
    CHECK(prove(world, "Gate-2024!").has_error());
}
