// SPDX-License-Identifier: Apache-2.0
//
// Personal data stays at home unless a rule lets it out (promise 6; P03, P12). What left is searched byte by byte.
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::harness;

namespace {

bool leaked(Platform& platform, const std::string& secret) {
    return platform.cable().sent_up().find(secret) != std::string::npos || platform.capture().find(secret) != std::string::npos;
}

} // namespace

TEST_CASE("an upstream without subjects, fields and pictures gets none of them, nor names, and a narrow one only its kinds") {
    PlatformOptions narrow;
    narrow.entitlements = {Entitled{.kinds = {"vehicle.*"}, .fields = {"direction"}, .document = {}}};
    World world;
    auto& district = world.platform("district");
    auto& police = world.platform("police", narrow);
    auto& camera = world.plate_camera("north-gate");
    auto& terminal = world.face_terminal("east-door");
    auto& doors = world.uhppote("doors");
    world.start();
    camera.drive("沪A7F3K2");
    terminal.show_face("30112");
    doors.swipe(8100007);
    district.wait_for_count("pass.granted", 2);
    police.wait_for("the car", [](Platform& p) { return !p.kept().empty(); });
    for (auto* platform : {&district, &police})
        for (const std::string secret : {"A7F3K2", "person:30112", "card:8100007", "\"8100007\"", "金丝雀", "Gate-2024!"})
            CHECK_MESSAGE(!leaked(*platform, secret), platform->name(), " got ", secret);
    for (const auto& event : police.kept()) CHECK((event.kind.starts_with("vehicle.") || event.kind == "gap" || event.kind == "digest"));
    CHECK(district.application().state().at("lanes").at("pictures").at("kept").to_number<int>() == 0);
}

TEST_CASE("with a basis in force the subject goes; without one, or past its end, it stays") {
    PlatformOptions good, none, past;
    good.entitlements = {Entitled{.subjects = true, .pictures = {"plate"}, .document = "公安〔2026〕1号"}};
    none.entitlements = {Entitled{.subjects = true, .pictures = {"plate"}, .document = {}}};
    past.entitlements = {Entitled{.subjects = true, .pictures = {"plate"}, .document = "公安〔2026〕2号", .end = "2026-02-01"}};
    World world;
    auto& with_basis = world.platform("police", good);
    auto& without = world.platform("district", none);
    auto& ended = world.platform("street", past);
    auto& camera = world.plate_camera("north-gate");
    world.start();
    // A car that the camera keeps in its memory comes without its picture.
    for (auto* platform : {&with_basis, &without, &ended}) platform->wait_for_count("device.online", 1);
    camera.drive("沪A7F3K2");
    const auto has_car = [](Platform& p) {
        for (const auto& event : p.kept())
            if (event.kind == "plate.read" || event.kind.starts_with("vehicle.")) return true;
        return false;
    };
    for (auto* platform : {&with_basis, &without, &ended}) platform->wait_for("the car", has_car);
    with_basis.wait_for("the picture",
                        [](Platform& p) { return p.application().state().at("lanes").at("pictures").at("kept").to_number<int>() == 1; });
    CHECK(leaked(with_basis, "沪A7F3K2"));
    CHECK_FALSE(leaked(without, "A7F3K2"));
    CHECK_FALSE(leaked(ended, "A7F3K2"));
    CHECK_FALSE(leaked(without, "\xff\xd8\xff"));
    // The technician is told why it stays home.
    int code = 0;
    CHECK(world.gateway().ctl({"check"}, &code).find("basis") != std::string::npos);
    CHECK(code != 0);
}
