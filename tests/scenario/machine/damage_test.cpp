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

/// Overwrites the head of the page on which `text` stands for the last time: SQLite can read nothing of it.
void break_page(const std::filesystem::path& database, const std::string& text) {
    constexpr std::size_t page_bytes = 4096;
    auto bytes = read_file(database);
    const auto at = bytes.rfind(text);
    REQUIRE(at != std::string::npos);
    bytes.replace(at / page_bytes * page_bytes, 8, 8, '\xff');
    std::ofstream(database, std::ios::binary | std::ios::trunc) << bytes;
}

} // namespace

TEST_CASE("one old byte flipped and one old page broken: told in gaps and by check, and all others are receipted by the platform (F15)") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    world.wait_until_all_arrived(world.district());
    world.district().broker().stop(); // what comes now waits for the platform
    doors.swipe(8100007);
    doors.burst(60);
    doors.swipe(8100011);
    doors.burst(60);
    const auto head = [&] { return boost::json::parse(world.gateway().ctl({"identity", "--json"})).at("head").to_number<std::uint64_t>(); };
    eventually("all in the log", [&] { return head() >= world.all_made().size(); });
    world.gateway().stop();
    world.gateway().start(); // what lay in the WAL lies in the database now
    world.gateway().stop();
    const auto database = world.gateway().state_folder() / "gatehouse.db";
    damage(database, "card:8100007");
    break_page(database, "card:8100011");
    world.district().broker().start();
    world.gateway().start();
    auto& district = world.district();
    district.wait_for_count("gap", 2);
    std::uint64_t lost = 0;
    for (const auto& event : district.kept()) {
        if (event.kind != "gap") continue;
        const auto facts = district.event(event.sequence).at("data").at("facts");
        CHECK(facts.at("cause") == "damaged");
        CHECK(facts.at("count_known") == true);
        lost += facts.at("count").to_number<std::uint64_t>();
    }
    CHECK(lost >= 2);
    // Every position up to the head is at the platform, in one lane or the other, or one of the lost: and the chain has no hole.
    const auto all = head();
    district.wait_for("all others", [&](Platform& p) { return p.kept().size() + p.kept("urgent").size() + lost >= all; });
    district.wait_until_whole();
    eventually("all others are receipted", [&] {
        const auto status = boost::json::parse(world.gateway().api().ask("GET", "/api/v1/status").body);
        for (const auto& lane : status.at("upstreams").at(0).at("lanes").as_array())
            if (lane.at("lane") != "pictures" && lane.at("settled").to_number<std::uint64_t>() < all) return false;
        return true;
    });
    int code = 0;
    CHECK(world.gateway().ctl({"check", "--lang", "en"}, &code).find("damaged on the disk") != std::string::npos);
    CHECK(code != 0);
    world.gateway().ctl({"log", "verify", "--lang", "en"}, &code);
    CHECK(code != 0);
    CHECK(world.gateway().api().ask("GET", "/api/v1/records?limit=1000&personal=true").body.find("card:8100006") == std::string::npos);
    doors.burst(10);
    district.wait_for("ten more", [&](Platform& p) { return p.kept().size() + p.kept("urgent").size() + lost >= all + 10; });
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

TEST_CASE("the newest page broken: the log is set aside and named, and the gateway goes on in a new epoch without being asked (F15, F16)") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(30);
    world.wait_until_all_arrived(world.district());
    world.gateway().stop();
    world.gateway().start(); // what lay in the WAL lies in the database now
    world.gateway().stop();
    const auto old_epoch = world.district().kept().back().epoch;
    std::filesystem::remove(world.gateway().state_folder() / "gatehouse.db-wal");
    break_page(world.gateway().state_folder() / "gatehouse.db", "gateway.stopped");
    world.gateway().start();
    int code = 0;
    CHECK(world.gateway().ctl({"check", "--lang", "en"}, &code).find("gatehouse.db.damaged-") != std::string::npos);
    CHECK(code != 0);
    // Doors are known, and what they see arrives, once more in one chain.
    const auto before = world.district().count("pass.granted");
    doors.swipe(8100001);
    auto& district = world.district();
    district.wait_for("an event of the new epoch",
                      [&](Platform& p) { return p.count("pass.granted") > before && p.kept().back().epoch != old_epoch; });
    district.wait_for_count("gap", 1);
    district.wait_until_whole();
    CHECK(district.figure("altered") == 0);
    CHECK(district.count("alarm.raised", "urgent") >= 1);
    world.gateway().stop();
    world.gateway().start();
    CHECK(district.figure("altered") == 0);
}

TEST_CASE("a state folder taken back to yesterday's copy: noticed at the connect, a new epoch before the first word (F16)") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(10);
    world.wait_until_all_arrived(world.district());
    world.gateway().stop();
    const auto state = world.gateway().state_folder(), copy = world.folder() / "yesterday";
    std::filesystem::copy(state, copy, std::filesystem::copy_options::recursive);
    world.gateway().start();
    doors.burst(50);
    world.wait_until_all_arrived(world.district());
    world.gateway().stop();
    world.gateway().start(); // its goodbye will name a head beyond the copy's
    world.district().wait_until_whole();
    const auto old_epoch = world.district().kept().back().epoch;
    world.gateway().stop();
    std::filesystem::remove_all(state);
    std::filesystem::copy(copy, state, std::filesystem::copy_options::recursive);
    world.gateway().start();
    auto& district = world.district();
    district.wait_for(
        "the new epoch", [&](Platform& p) { return !p.kept().empty() && p.kept().back().epoch != old_epoch; }, 60s);
    district.wait_for_count("gap", 1);
    doors.swipe(8100001);
    district.wait_for("an event of the new epoch", [&](Platform& p) { return p.kept().back().kind == "pass.granted"; });
    CHECK(district.count("alarm.raised", "urgent") >= 1);
}
