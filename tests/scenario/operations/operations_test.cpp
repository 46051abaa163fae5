// SPDX-License-Identifier: Apache-2.0
//
// What technicians and accidents do to the gateway: reload, restart, restore, erase, look.
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <sstream>

using namespace gatehouse::harness;

TEST_CASE("a settings file with flaws: all are named, and the old settings stay in force (F50)") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    doors.swipe(8100001);
    world.district().wait_for_count("pass.granted", 1);
    world.gateway().reload_with("[gateway]\nid = 7\ncompund = \"x\"\n[store]\nreserve_bytes = \"much\"\n");
    world.gateway().wait_for_log("not reloaded");
    const auto log = world.gateway().log();
    for (const auto* place : {"gatehouse.toml:2", "gatehouse.toml:3", "gatehouse.toml:5", "compund", "reserve_bytes"})
        CHECK_MESSAGE(log.find(place) != std::string::npos, place);
    doors.swipe(8100002);
    world.district().wait_for_count("pass.granted", 2);
    world.gateway().reload();
    world.gateway().wait_for_log("settings reloaded");
    doors.swipe(8100003);
    world.district().wait_for_count("pass.granted", 3);
}

TEST_CASE("a flawed settings file at the start: exit 78 and every flaw with its line") {
    World world;
    world.start_platforms();
    write_file(world.gateway().settings_file(), "[gateway]\nid = \"\"\n[nonsense]\n");
    const auto said = run_to_end("/bin/sh", {"-c", built("gatehoused").string() + " --config " + world.gateway().settings_file().string() +
                                                       " --check-config 2>&1; echo code $?"});
    CHECK(said.find("code 78") != std::string::npos);
    CHECK(said.find(":2:") != std::string::npos);
    CHECK(said.find("nonsense") != std::string::npos);
}

TEST_CASE("gatehousectl: status, tail, check, devices, upstreams, verify speak of what is there") {
    World world;
    auto& doors = world.uhppote("east-doors");
    world.start();
    doors.burst(20);
    world.wait_until_all_arrived(world.district());
    int code = -1;
    const auto said = [&](std::vector<std::string> words, int wanted = 0) {
        words.insert(words.end(), {"--lang", "en"});
        auto text = world.gateway().ctl(words, &code);
        CHECK_MESSAGE(code == wanted, words.front());
        return text;
    };
    const auto has = [](const std::string& text, const char* part) { CHECK_MESSAGE(text.find(part) != std::string::npos, text); };
    const auto status = boost::json::parse(said({"status", "--json"}));
    has(boost::json::serialize(status), "east-doors");
    has(boost::json::serialize(status), "district");
    has(said({"status"}), "disk");
    has(said({"device", "list"}), "online");
    has(said({"device", "probe", "east-doors"}), "fine: online");
    has(said({"log", "verify"}), "whole and unchanged");
    has(said({"upstream", "status"}), "routine");
    has(said({"upstream", "dead", "district"}), "has refused no record");
    has(said({"tail", "--once", "--source", "east-doors"}), "pass.granted  east-doors");
    has(said({"identity"}), "epoch");
    has(said({"settings"}), "[gateway]");
    has(said({"bundle"}), "gatehouse_bundle");
    said({"device", "probe", "nobody"}, 66);
    said({"upstream", "dead", "nobody"}, 66);
    said({"tail", "--once", "--kind", "no.such"}, 65);
    said({"no-such-command"}, 64);
    CHECK(world.gateway().ctl({"device", "list", "--lang", "zh"}).find("在线") != std::string::npos);
}

TEST_CASE("a device is registered, probed and removed from the command line, its password from a file") {
    World world;
    world.uhppote("doors");
    world.start();
    const auto secret = world.folder() / "secret";
    write_file(secret, "pass word\n");
    std::filesystem::permissions(secret, std::filesystem::perms::owner_read);
    const std::vector<std::string> add{"device", "add",    "new-terminal", "--driver",   "isapi", "--address",       "127.0.0.1",    "--port",
                                       "9",      "--name", "西门",         "--username", "admin", "--password-file", secret.string()};
    int code = -1;
    world.gateway().ctl(add, &code);
    CHECK(code == 0);
    CHECK(world.gateway().ctl({"device", "list"}).find("西门") != std::string::npos);
    CHECK(world.gateway().ctl({"device", "probe", "new-terminal"}).find("127.0.0.1:9") != std::string::npos);
    world.gateway().ctl(add, &code);
    CHECK(code == 73);
    world.gateway().ctl({"device", "remove", "new-terminal"}, &code);
    CHECK(code == 0);
    world.gateway().ctl({"device", "probe", "new-terminal"}, &code);
    CHECK(code == 66);
}

TEST_CASE("tail follows through a stop and a kill of the daemon: each record once, none left out; coverage says what is known") {
    World world;
    auto& doors = world.uhppote("east-doors");
    world.start();
    doors.burst(5);
    world.wait_until_all_arrived(world.district());
    ChildProcess tail("tail",
                      {.program = built("gatehousectl"),
                       .arguments = {"--socket", world.gateway().socket().string(), "--json", "--lang", "en", "tail", "--after", "0"},
                       .environment = {},
                       .directory = {}},
                      world.folder());
    tail.wait_for_line("\"position\":1,");
    world.gateway().stop();
    eventually("that tail noticed", [&] { return tail.err().find("the daemon went away") != std::string::npos; });
    doors.burst(5);
    world.gateway().start();
    doors.burst(5);
    world.wait_until_all_arrived(world.district());
    world.gateway().kill_and_start();
    doors.burst(5);
    world.wait_until_all_arrived(world.district());
    const auto identity = boost::json::parse(world.gateway().ctl({"identity", "--json"}));
    const auto head = identity.at("head").to_number<std::int64_t>();
    tail.wait_for_line("\"position\":" + std::to_string(head) + ",");
    std::istringstream lines(tail.out());
    std::int64_t position = 0;
    for (std::string line; std::getline(lines, line) && position < head;)
        CHECK(boost::json::parse(line).at("position").to_number<std::int64_t>() == ++position);
    CHECK(tail.err().find("the daemon is back") != std::string::npos);
    int code = -1;
    const auto coverage = world.gateway().ctl({"coverage", "east-doors", "--from", "1h", "--lang", "en"}, &code);
    CHECK(code == 0);
    for (const auto* part : {"covered", "never heard of", "in all"}) CHECK_MESSAGE(coverage.find(part) != std::string::npos, coverage);
    world.gateway().ctl({"coverage", "nobody"}, &code);
    CHECK(code == 66);
}

TEST_CASE("a door is opened from the command line, and asked and done are records") {
    World world;
    auto& doors = world.uhppote("east-doors");
    world.start();
    world.district().wait_for_count("device.online", 1);
    int code = -1;
    world.gateway().ctl({"device", "open", "east-doors", "1"}, &code);
    CHECK(code == 0);
    world.district().wait_for_count("command.asked", 1);
    world.district().wait_for_count("command.done", 1);
    CHECK(doors.state().as_object().size() > 0);
}

TEST_CASE("backup and restore: a new epoch, no identity twice, the platform sees a gap and no hole") {
    World world;
    auto& doors = world.uhppote("doors");
    world.start();
    auto& district = world.district();
    doors.burst(30);
    world.wait_until_all_arrived(district);
    const auto copy = (world.folder() / "copy.db").string();
    int code = -1;
    world.gateway().ctl({"backup", copy}, &code);
    REQUIRE(code == 0);
    doors.burst(10); // after the backup: at the platform, but not in the copy
    world.wait_until_all_arrived(district);
    const auto old_epoch = district.kept().front().epoch;
    world.gateway().stop();
    const auto said = world.gateway().ctl({"restore", copy, "--directory", world.gateway().state_folder().string()}, &code);
    REQUIRE_MESSAGE(code == 0, said);
    world.gateway().start();
    doors.burst(10);
    district.wait_for(
        "events of the new epoch", [&](Platform& p) { return !p.kept().empty() && p.kept().back().epoch != old_epoch; }, 40s);
    district.wait_for(
        "the gap of the restore", [](Platform& p) { return p.count("gap") >= 1; }, 40s);
    CHECK(district.application().state().at("kept_twice").to_number<int>() == 0);
    CHECK(district.figure("altered") == 0);
    world.gateway().ctl({"log", "verify"}, &code);
    CHECK(code == 0);
}

TEST_CASE("a person erased: the log still verifies, and no trace is left on disk or in what is sent again") {
    PlatformOptions options;
    options.entitlements = {Entitled{.subjects = true, .document = "公安〔2026〕1号"}};
    World world;
    auto& police = world.platform("district", options);
    auto& terminal = world.face_terminal("east-door");
    world.start();
    terminal.show_face("77012345");
    terminal.show_face("30112");
    police.wait_for_count("pass.granted", 2);
    int code = -1;
    const auto said = world.gateway().ctl({"erase", "person:77012345", "--order", "申请2026-11"}, &code);
    REQUIRE_MESSAGE(code == 0, said);
    police.wait_for_count("subject.erased", 1);
    world.gateway().ctl({"log", "verify"}, &code);
    CHECK(code == 0);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(world.gateway().state_folder()))
        if (entry.is_regular_file()) CHECK_MESSAGE(read_file(entry.path()).find("77012345") == std::string::npos, entry.path().filename().string());
    police.cable().forget_bytes();
    world.gateway().ctl({"upstream", "resend", "district", "routine", "1", "1000"}, &code);
    CHECK(code == 0);
    police.wait_for("the resend", [](Platform& p) { return p.cable().sent_up().find("person:30112") != std::string::npos; });
    CHECK(police.cable().sent_up().find("77012345") == std::string::npos);
}
