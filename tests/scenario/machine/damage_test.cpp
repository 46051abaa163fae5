// SPDX-License-Identifier: Apache-2.0
//
// Somebody, or a dying disk, changed the gateway's files while it was off (F15, F16): it says so and serves nothing that is not
// what was written. Every single byte: tests/unit/daemon/store/damage_test.cpp.
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <fstream>

using namespace gatehouse::harness;

namespace {

/// Flips a bit of one byte of the database where `text` stands for the first time.
void damage(const std::filesystem::path& database, const std::string& text) {
    auto bytes = read_file(database);
    const auto at = bytes.find(text);
    REQUIRE(at != std::string::npos);
    bytes[at + text.size() - 1] = static_cast<char>(bytes[at + text.size() - 1] ^ 1);
    std::ofstream(database, std::ios::binary | std::ios::trunc) << bytes;
}

} // namespace

TEST_CASE("one old byte flipped: the row is not served, verify names it, and new events are stored (F15)") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    doors.swipe(8100007);
    doors.burst(20);
    world.wait_until_all_arrived(world.district());
    world.gateway().stop();
    world.gateway().start(); // what lay in the WAL lies in the database now
    world.gateway().stop();
    damage(world.gateway().state_folder() / "gatehouse.db", "card:8100007");
    world.gateway().start();
    int code = 0;
    const auto said = world.gateway().ctl({"log", "verify", "--lang", "en"}, &code);
    CHECK_MESSAGE(code != 0, said);
    CHECK(world.gateway().api().ask("GET", "/api/v1/records?limit=1000&personal=true").body.find("card:8100006") == std::string::npos);
    const auto head = [&] { return boost::json::parse(world.gateway().ctl({"identity", "--json"})).at("head").to_number<std::uint64_t>(); };
    const auto before = head();
    doors.burst(10);
    eventually("ten more records", [&] { return head() >= before + 10; });
    CHECK(world.gateway().is_running());
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
