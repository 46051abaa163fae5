// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

namespace {

std::vector<std::uint64_t> serials(const MemorySink& sink) {
    std::vector<std::uint64_t> found;
    for (const auto& record : sink.records)
        if (record.device_key) found.push_back(std::get<std::uint64_t>(record.device_key->id));
    return found;
}

bool is_recovered(const Record& record) { return bool_at(record.facts, "recovered").value_or(false); }

} // namespace

TEST_CASE("a terminal that was away for an hour gives its 500 events once, as recovered, and the mark at their end") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    memory.add(1000, world.clock.now() - 2h);
    world.start();
    world.clock.run_for(2s);
    CHECK(world.sink.count(Kind::pass_granted) == 1);
    world.device.reachable = false;
    world.clock.run_for(70s);
    REQUIRE(world.ended);
    CHECK(world.ended->fault() == Fault::unreachable);
    for (std::uint64_t i = 1; i <= 500; ++i) memory.add(1000 + i, world.clock.now() + std::chrono::seconds(i * 7));
    world.clock.run_for(1h);
    world.device.reachable = true;
    world.start();
    world.clock.run_for(5s);
    CHECK(world.sink.count(Kind::pass_granted) == 501);
    CHECK(world.sink.repeats == 0);
    CHECK(world.sink.count(Kind::gap) == 0);
    CHECK(world.sink.marks["face-1"].number == 1500);
    for (const auto& record : world.sink.of(Kind::pass_granted)) CHECK(is_recovered(record));
    const auto found = serials(world.sink);
    CHECK(std::is_sorted(found.begin(), found.end()));
    // A second look brings nothing twice.
    world.clock.run_for(5min);
    CHECK(world.sink.count(Kind::pass_granted) == 501);
    CHECK(world.driver->status().recovered == 501);
}

TEST_CASE("what the memory no longer has is a gap with the exact count") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    memory.add(100, world.clock.now() - 1h);
    world.start();
    world.clock.run_for(2s);
    world.stop();
    memory.events.clear();
    for (std::uint64_t serial = 351; serial <= 400; ++serial) memory.add(serial, world.clock.now() - 10min + std::chrono::seconds(serial));
    world.start();
    world.clock.run_for(2s);
    REQUIRE(world.sink.count(Kind::gap) == 1);
    const auto gap = world.sink.of(Kind::gap).front();
    CHECK(number_at(gap.facts, "count") == 250);
    CHECK(bool_at(gap.facts, "count_known") == true);
    CHECK(number_at(gap.facts, "first") == 101);
    CHECK(number_at(gap.facts, "last") == 350);
    CHECK(text_at(gap.facts, "of") == "face-1");
    CHECK(world.sink.marks["face-1"].number == 400);
    CHECK(world.driver->status().lost == 250);
}

TEST_CASE("a push is answered after its record is stored, and the search does not bring it again") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    memory.add(20417, world.clock.now() - 1min, 21, "");
    world.start();
    world.clock.run_for(2s);
    world.sink.delay = 1s;
    const auto now = world.clock.now();
    auto answer = world.post(AcsMemory::push(20418, now), "application/json");
    memory.add(20418, now);
    world.clock.run_for(900ms);
    CHECK(!*answer);
    CHECK(world.sink.count(Kind::pass_granted) == 0);
    world.clock.run_for(200ms);
    REQUIRE(*answer);
    CHECK((*answer)->status == 200);
    REQUIRE(world.sink.count(Kind::pass_granted) == 1);
    const auto pass = world.sink.of(Kind::pass_granted).front();
    CHECK(pass.subject == "person:30112");
    CHECK(text_at(pass.facts, "method") == "face");
    CHECK(text_at(pass.facts, "reason") == "granted");
    CHECK(text_at(pass.facts, "direction") == "in");
    CHECK(!is_recovered(pass));
    CHECK(world.sink.marks["face-1"].number == 20418);
    world.clock.run_for(3min);
    CHECK(world.sink.count(Kind::pass_granted) == 1);
}

TEST_CASE("a push that the disk does not take in five seconds gets 503, and the search brings the event") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    memory.add(10, world.clock.now() - 1min);
    world.start();
    world.clock.run_for(2s);
    world.sink.delay = 8s;
    const auto now = world.clock.now();
    memory.add(11, now);
    auto answer = world.post(AcsMemory::push(11, now), "application/json");
    world.clock.run_for(4900ms);
    CHECK(!*answer);
    world.clock.run_for(200ms);
    REQUIRE(*answer);
    CHECK((*answer)->status == 503);
    world.sink.delay = 0s;
    world.clock.run_for(10s);
    CHECK(world.sink.marks["face-1"].number == 11);
    CHECK(world.sink.count(Kind::pass_granted) == 2);

    world.sink.broken = true;
    CHECK(world.posted(AcsMemory::push(12, world.clock.now())) == 503);
    world.sink.broken = false;
    memory.add(12, world.clock.now());
    world.clock.run_for(10s);
    CHECK(world.sink.marks["face-1"].number == 12);
}

TEST_CASE("a live event beyond a hole is stored at once, does not move the mark, and has the hole filled by a search") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    memory.add(50, world.clock.now() - 1min);
    world.start();
    world.clock.run_for(20s);
    const auto now = world.clock.now();
    for (std::uint64_t serial = 51; serial <= 53; ++serial) memory.add(serial, now - 1s + std::chrono::seconds(serial - 51));
    CHECK(world.posted(AcsMemory::push(53, now + 1s)) == 200);
    CHECK(serials(world.sink).back() == 53);
    CHECK(world.sink.marks["face-1"].number == 50);
    world.clock.run_for(2s);
    CHECK(world.sink.marks["face-1"].number == 53);
    CHECK(world.sink.count(Kind::pass_granted) == 4);
    CHECK(world.sink.count(Kind::gap) == 0);
    CHECK(world.sink.repeats == 0);
}

TEST_CASE("serial numbers that the device itself skips are no hole") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    memory.add(50, world.clock.now() - 1min);
    world.start();
    world.clock.run_for(20s);
    CHECK(world.posted(AcsMemory::push(55, world.clock.now(), 75, "30112", 50)) == 200);
    CHECK(world.sink.marks["face-1"].number == 55);
    CHECK(world.sink.count(Kind::gap) == 0);
}

TEST_CASE("a counter that began anew raises the generation, and nothing is taken for a repeat") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    for (std::uint64_t serial = 1; serial <= 60; ++serial) memory.add(serial, world.clock.now() - 1h + std::chrono::seconds(serial));
    world.start();
    world.clock.run_for(5s);
    CHECK(world.sink.marks["face-1"].number == 60);
    memory.events.clear();
    const auto now = world.clock.now();
    memory.add(1, now, 75, "40001");
    memory.add(2, now + 1s, 75, "40002");
    SUBCASE("a push tells, and is left to the search") {
        CHECK(world.posted(AcsMemory::push(2, now + 1s, 75, "40002")) == 503);
        world.clock.run_for(6s);
    }
    SUBCASE("the search tells") { world.clock.run_for(70s); }
    CHECK(world.sink.marks["face-1"].generation == 1);
    CHECK(world.sink.marks["face-1"].number == 2);
    CHECK(world.sink.count(Kind::pass_granted) == 62);
    CHECK(world.sink.conflicts == 0);
    REQUIRE(world.sink.count(Kind::gap) == 1);
    CHECK(bool_at(world.sink.of(Kind::gap).front().facts, "count_known") == false);
}

TEST_CASE("a counter that began anew beside the old memory: each event once, and not again at every search") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    for (std::uint64_t serial = 1; serial <= 6; ++serial) memory.add(serial, world.clock.now() - 1h + std::chrono::seconds(serial));
    world.start();
    world.clock.run_for(5s);
    CHECK(world.sink.marks["face-1"].number == 6);
    std::size_t anew = 0;
    SUBCASE("shorter than the old one") { anew = 3; }
    SUBCASE("longer than the old one") { anew = 9; }
    const auto now = world.clock.now();
    for (std::uint64_t serial = 1; serial <= anew; ++serial)
        memory.add(serial, now + std::chrono::seconds(serial), 75, std::to_string(40'000 + serial));
    if (anew < 6) (void)world.posted(AcsMemory::push(anew, now + std::chrono::seconds(anew), 75, std::to_string(40'000 + anew)));
    world.clock.run_for(70s);
    const auto then = world.sink.records.size();
    if (anew > 6) CHECK(world.sink.count(Kind::pass_granted) == 6 + anew);
    world.clock.run_for(10min);
    CHECK(world.sink.records.size() <= then + 1);
}

TEST_CASE("a counter that wrapped raises the generation and keeps the ring's older events out") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    const auto begin = world.clock.now() - 1h;
    for (std::uint64_t i = 0; i < 20; ++i) memory.add(99'981 + i, begin + std::chrono::seconds(i));
    world.start();
    world.clock.run_for(5s);
    CHECK(world.sink.marks["face-1"].number == 100'000);
    const auto now = world.clock.now();
    memory.events.insert(memory.events.begin(), {AcsMemory::Event{1, 5, 75, AcsMemory::device_time(now), "1"},
                                                 AcsMemory::Event{2, 5, 75, AcsMemory::device_time(now + 1s), "2"}});
    CHECK(world.posted(AcsMemory::push(1, now, 75, "1", 100'000)) == 503);
    world.clock.run_for(10s);
    CHECK(world.sink.count(Kind::pass_granted) == 22);
    CHECK(world.sink.marks["face-1"].generation == 1);
    CHECK(world.sink.marks["face-1"].number == 2);
    CHECK(world.sink.count(Kind::gap) == 0);
}

TEST_CASE("firmware that ignores beginSerialNo is searched by time, and nothing comes twice") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    memory.ignores_serials = true;
    for (std::uint64_t serial = 1; serial <= 40; ++serial) memory.add(serial, world.clock.now() - 1h + std::chrono::seconds(serial * 60));
    world.start();
    world.clock.run_for(5s);
    CHECK(world.sink.count(Kind::pass_granted) == 40);
    world.stop();
    for (std::uint64_t serial = 41; serial <= 45; ++serial) memory.add(serial, world.clock.now() + std::chrono::seconds(serial));
    world.make_driver();
    world.start();
    world.clock.run_for(5s);
    CHECK(world.sink.count(Kind::pass_granted) == 45);
    CHECK(world.sink.marks["face-1"].number == 45);
    CHECK(world.device.last_body("POST /ISAPI/AccessControl/AcsEvent?format=json").find("startTime") != std::string::npos);
    CHECK(world.sink.count(Kind::gap) == 0);
}

TEST_CASE("an event that the memory lacks in the middle is counted") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    for (std::uint64_t serial = 1; serial <= 30; ++serial)
        if (serial != 12) memory.add(serial, world.clock.now() - 1h + std::chrono::seconds(serial));
    world.start();
    world.clock.run_for(5s);
    REQUIRE(world.sink.count(Kind::gap) == 1);
    CHECK(number_at(world.sink.of(Kind::gap).front().facts, "count") == 1);
    CHECK(number_at(world.sink.of(Kind::gap).front().facts, "first") == 12);
    CHECK(world.sink.marks["face-1"].number == 30);
}

TEST_CASE("pictures of recovered events are fetched from the device itself, whatever host their URL names") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    memory.picture_url = "https://10.9.8.7/LOCALS/pic/a.jpeg@WEB000000000031";
    memory.add(1, world.clock.now() - 1h);
    world.device.on("GET", "/LOCALS/pic/a.jpeg@WEB000000000031", std::string("\xff\xd8 face \xff\xd9"));
    world.start();
    world.clock.run_for(2s);
    REQUIRE(world.sink.count(Kind::pass_granted) == 1);
    const auto pass = world.sink.of(Kind::pass_granted).front();
    REQUIRE(pass.pictures.size() == 1);
    CHECK(pass.pictures[0].role == PictureRole::face);
}

TEST_CASE("a terminal without working pushes is searched every five seconds, one with them every minute") {
    World world(World::terminal());
    AcsMemory memory;
    memory.install(world.device);
    SUBCASE("without") {
        world.clock.run_for(0s);
        world.start();
        world.clock.run_for(61s);
        CHECK(memory.searches >= 10);
        CHECK(memory.searches <= 14);
    }
    SUBCASE("with") {
        auto hosts = golden("http_hosts.xml");
        world.device.on("PUT", "/ISAPI/Event/notification/httpHosts/2", [&](const net::HttpRequest&) {
            world.device.on("GET", "/ISAPI/Event/notification/httpHosts",
                            replaced(replaced(replaced(hosts, "<hik:url>/</", "<hik:url>/hik/face-1</"), "0.0.0.0", "192.168.50.10"),
                                     "<hik:ipAddress>192.168.50.10</hik:ipAddress><hik:portNo>80<",
                                     "<hik:ipAddress>192.168.50.10</hik:ipAddress><hik:portNo>8085<"));
            return net::HttpResponse{200, {}, "<ResponseStatus><statusCode>1</statusCode><subStatusCode>ok</subStatusCode></ResponseStatus>"};
        });
        world.start();
        world.clock.run_for(130s);
        CHECK(memory.searches == 3);
        CHECK(world.sink.count(Kind::device_changed) == 1);
        CHECK(world.device.last_body("PUT /ISAPI/Event/notification/httpHosts/2").find("<heartbeat>30</heartbeat>") != std::string::npos);
    }
}
