// SPDX-License-Identifier: Apache-2.0
//
// Somebody, or a dying disk, changed the gateway's files while it was off (F15, F16): it says so, serves nothing that is not what was written, and
// a backup brings it back. Every single byte: tests/unit/daemon/store/damage_test.cpp.
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <fstream>

using namespace gatehouse::harness;

namespace {

/// Flips a bit of one byte of the database where `text` stands for the first or the last time.
void damage(const std::filesystem::path& database, const std::string& text, bool is_last) {
    auto bytes = read_file(database);
    const auto at = is_last ? bytes.rfind(text) : bytes.find(text);
    REQUIRE(at != std::string::npos);
    bytes[at + text.size() - 1] = static_cast<char>(bytes[at + text.size() - 1] ^ 1);
    std::ofstream(database, std::ios::binary | std::ios::trunc) << bytes;
}

} // namespace

TEST_CASE("one old byte flipped: the row is not served, verify names it, and everything else goes on (F15)") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    doors.swipe(8100007);
    doors.burst(20);
    world.wait_until_all_arrived(world.district());
    world.gateway().stop();
    damage(world.gateway().state_folder() / "gatehouse.db", "card:8100007", false);
    world.gateway().start();
    int code = 0;
    const auto said = world.gateway().ctl({"log", "verify", "--lang", "en"}, &code);
    CHECK_MESSAGE(code != 0, said);
    CHECK(world.gateway().api().ask("GET", "/api/v1/records?limit=1000&personal=true").body.find("card:8100006") == std::string::npos);
    doors.burst(10);
    world.wait_until_all_arrived(world.district());
    CHECK(world.gateway().is_running());
}

TEST_CASE("the newest row damaged: the gateway refuses to go on from it, says so, and a backup brings it back (F15)") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(20);
    world.wait_until_all_arrived(world.district());
    const auto copy = (world.folder() / "copy.db").string();
    world.gateway().ctl({"backup", copy});
    world.gateway().stop();
    damage(world.gateway().state_folder() / "gatehouse.db", "\"cause\":\"stopped\"", true);
    CHECK(world.gateway().start_in_vain() == Exit{69, 0});
    CHECK(world.gateway().log().find("verifying the head") != std::string::npos);
    world.gateway().ctl({"restore", copy, "--directory", world.gateway().state_folder().string()});
    world.gateway().start();
    doors.burst(10);
    world.district().wait_for("the gap of the restore", [](Platform& p) { return p.count("gap") >= 1; });
    int code = -1;
    world.gateway().ctl({"log", "verify"}, &code);
    CHECK(code == 0);
    CHECK(world.district().figure("altered") == 0);
}

TEST_CASE("shm full of nonsense and a history index of zeros after a kill: made anew, nothing lost (F16)") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(30);
    world.district().wait_for("some events", [](Platform& p) { return p.kept().size() >= 10; });
    world.gateway().kill();
    const auto state = world.gateway().state_folder();
    write_file(state / "gatehouse.db-shm", std::string(32'768, 'Z'));
    write_file(state / "history.db", std::string(65'536, '\0'));
    world.gateway().start();
    doors.burst(10);
    world.wait_until_all_arrived(world.district());
    world.wait_until_sound();
}
