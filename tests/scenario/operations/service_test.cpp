// SPDX-License-Identifier: Apache-2.0
//
// What the service manager hears of a whole life: sd_notify(3) on a real socket.
#include "tests/harness/service_manager.hpp"
#include "tests/harness/world.hpp"
#include "tests/paths.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace gatehouse::harness;

namespace {

std::ptrdiff_t place_of(ServiceManager& manager, const std::string& message) {
    const auto& heard = manager.heard();
    const auto found = std::find(heard.begin(), heard.end(), message);
    REQUIRE_MESSAGE(found != heard.end(), message);
    return found - heard.begin();
}

} // namespace

TEST_CASE("the service manager hears ready, a pulse, a reload from beginning to end, and the stop before it is over") {
    ServiceManager manager(2s);
    World world;
    world.uhppote("doors");
    world.start();
    eventually("a pulse and the state",
               [&] { return manager.count("WATCHDOG=1") >= 4 && manager.count("STATUS=1/1 devices and 1/1 platforms online, disk sound") == 1; });
    CHECK(place_of(manager, "READY=1") < place_of(manager, "WATCHDOG=1"));
    manager.forget();
    world.gateway().reload();
    eventually("the reload's end", [&] { return manager.count("READY=1") == 1; });
    CHECK(place_of(manager, "RELOADING=1") < place_of(manager, "READY=1"));
    manager.forget();
    world.gateway().reload_with("[gateway]\nid = 7\n");
    eventually("the flawed reload's end", [&] { return manager.count("READY=1") == 1; });
    CHECK(manager.count("RELOADING=1") == 1);
    CHECK(manager.count("STOPPING=1") == 0);
    CHECK(world.gateway().stop() == Exit{0, 0});
    CHECK(manager.heard().back() == "STOPPING=1");
}

TEST_CASE("a start in vain tells the service manager why, and never that it is ready") {
    ServiceManager manager;
    World world;
    GatewayOptions options;
    options.id = "gw-in-vain";
    Gateway gateway(options, world.folder());
    // Where the log should be is a file.
    std::filesystem::remove_all(gateway.state_folder());
    write_file(gateway.state_folder(), "");
    CHECK(gateway.start_in_vain().code == 69);
    CHECK(manager.count("READY=1") == 0);
    REQUIRE_FALSE(manager.heard().empty());
    CHECK(manager.heard().back().rfind("STATUS=cannot start: ", 0) == 0);
}

TEST_CASE("the nightly copy: dated, whole, and the newest are kept; none is thrown away for one that failed") {
    World world;
    world.start();
    const auto copies = world.folder() / "copies";
    std::filesystem::create_directories(copies);
    for (const auto* old : {"20200101T000000Z", "20210101T000000Z", "20220101T000000Z"})
        for (const auto* ending : {".db", ".db.json"}) write_file(copies / (std::string("gatehouse-") + old + ending), "");
    write_file(copies / "notes.db", "somebody's own");
    const auto back_up = [&](const std::string& socket) {
        ChildProcess process("backup",
                             {.program = gatehouse::tests::source_path("systemd/gatehouse-backup"),
                              .arguments = {copies.string(), "2", "--socket", socket},
                              .environment = {{"GATEHOUSECTL", built("gatehousectl").string()}},
                              .directory = {}},
                             world.folder());
        return process.wait().code;
    };
    const auto names = [&] {
        std::set<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator(copies)) found.insert(entry.path().filename().string());
        return found;
    };
    CHECK(back_up((world.folder() / "nobody.sock").string()) != 0);
    CHECK(names().size() == 7);
    CHECK(back_up(world.gateway().socket().string()) == 0);
    const auto kept = names();
    CHECK(kept.size() == 5);
    CHECK(kept.count("gatehouse-20220101T000000Z.db.json") == 1);
    CHECK(kept.count("gatehouse-20210101T000000Z.db") == 0);
    CHECK(kept.count("notes.db") == 1);
}

TEST_CASE("gatehouse-time: the settings become chrony's file; flawed ones leave it, empty ones remove it") {
    const TempDir folder("time");
    const auto settings = folder / "gatehouse.toml", file = folder / "gatehouse.conf";
    const std::string gateway = "[gateway]\nid = \"gw-7\"\ncompound = \"compound-1\"\n";
    const auto run = [&](const std::string& text) {
        write_file(settings, text);
        ChildProcess process("time",
                             {.program = gatehouse::tests::source_path("systemd/gatehouse-time"),
                              .arguments = {settings.string(), file.string()},
                              .environment = {{"GATEHOUSECTL", built("gatehousectl").string()}},
                              .directory = {}},
                             folder.path());
        return process.wait().code;
    };
    CHECK(run(gateway + "[time]\nserve_interface = \"eth0\"\nserve_networks = [\"192.168.50.0/24\"]\n") == 0);
    const auto served = read_file(file);
    CHECK(served.find("binddevice eth0\nallow 192.168.50.0/24\nlocal stratum 10 orphan\n") != std::string::npos);
    CHECK(run(gateway + "[time]\nserve_interface = \"eth0\"\n") != 0);
    CHECK(read_file(file) == served);
    CHECK(!std::filesystem::exists(folder / "gatehouse.conf.new"));
    CHECK(run(gateway) == 0);
    CHECK(!std::filesystem::exists(file));
}
