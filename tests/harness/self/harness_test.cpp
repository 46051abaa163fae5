// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/broker.hpp"
#include "tests/harness/cable.hpp"
#include "tests/harness/platform.hpp"
#include "tests/harness/ports.hpp"
#include "tests/harness/uhppote_doors.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <set>

namespace {

using namespace gatehouse::harness;
namespace json = boost::json;

ChildProcess shell(const std::string& script, const TempDir& folder) {
    return ChildProcess("shell", {.program = "/bin/sh", .arguments = {"-c", script}, .environment = {{"GATEHOUSE_WORD", "open"}}, .directory = {}},
                        folder.path());
}

TEST_CASE("a child process: its lines, its exit code, its environment") {
    const TempDir folder("self");
    ChildProcess child = shell("echo one; echo $GATEHOUSE_WORD; echo wrong >&2; exit 3", folder);
    CHECK(child.wait_for_line("open") == "open");
    CHECK(child.wait() == Exit{.code = 3, .signal = 0});
    CHECK(child.err() == "wrong\n");
    CHECK_THROWS_AS(child.wait_for_line("never"), Trouble);
}

TEST_CASE("a child process is killed, frozen, and never outlives its holder") {
    const TempDir folder("self");
    pid_t pid = 0;
    {
        ChildProcess child = shell("trap '' TERM; echo up; while :; do sleep 0.05; done", folder);
        child.wait_for_line("up");
        pid = child.pid();
        child.freeze();
        child.thaw();
        CHECK(child.is_running());
        CHECK_THROWS_AS(child.terminate(100ms), Trouble);
        CHECK(child.kill() == Exit{.code = -1, .signal = SIGKILL});
    }
    CHECK(::kill(pid, 0) != 0);
    {
        ChildProcess child = shell("echo up; exec sleep 100", folder);
        child.wait_for_line("up");
        pid = child.pid();
    }
    CHECK(::kill(pid, 0) != 0);
    CHECK_THROWS_AS(ChildProcess("nobody", {.program = "/no/such/program", .arguments = {}, .environment = {}, .directory = {}}, folder.path()),
                    Trouble);
}

TEST_CASE("Ctrl-C in the holder's terminal does not reach a child process: its holder ends it in order") {
    const TempDir folder("self");
    ChildProcess child = shell("echo up; exec sleep 100", folder);
    child.wait_for_line("up");
    CHECK(::getpgid(child.pid()) == child.pid());
    CHECK(::getpgid(child.pid()) != ::getpgrp());
}

TEST_CASE("ports are never given out twice") {
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 300; ++i) ports.insert(free_port()); // without the locks some two would be the same
    CHECK(ports.size() == 300);
}

TEST_CASE("waiting ends when it is so, and says what never came") {
    int looks = 0;
    eventually("three looks", [&] { return ++looks == 3; });
    CHECK(looks == 3);
    try {
        eventually(
            "the moon", [] { return false; }, 50ms, [] { return std::string("clouds"); });
        FAIL("it never came");
    } catch (const Trouble& trouble) {
        CHECK(std::string(trouble.what()) == "waited 50 ms for the moon; last seen: clouds");
    }
}

TEST_CASE("the door controller's program: discovery by broadcast, swipes pushed over UDP, ledger, faults, reboot in place") {
    const TempDir folder("self");
    UhppoteDoors doors("east", {.records_special = true}, folder.path());
    CHECK(doors.swipe(8100001, 2).kind == "pass.granted");
    CHECK(doors.swipe(4711).kind == "pass.denied");
    doors.add_card(4711);
    CHECK(doors.swipe(4711).kind == "pass.granted");
    CHECK(doors.force_door(3).kind == "door.forced");
    CHECK(doors.press_button(1).kind == "button.pressed");
    CHECK(doors.ledger().size() == 5);
    CHECK(doors.burst(500).size() == 500);
    CHECK(doors.last_index() == 505);
    doors.wrap_memory(100);
    CHECK(doors.state().at("first").to_number<int>() == 101);
    doors.unplug();
    CHECK(doors.state().at("faults").as_object().contains("mute"));
    doors.plug();
    doors.traffic(500);
    eventually("traffic", [&] { return doors.last_index() > 510; });
    doors.traffic(0);
    const auto port = doors.udp_port();
    doors.kill();
    doors.start();
    CHECK(doors.udp_port() == port);
    CHECK(doors.last_index() == 0);
    std::ifstream ledger(folder / "east.ledger");
    std::string line;
    REQUIRE(std::getline(ledger, line));
    CHECK(json::parse(line).at("subject") == "card:8100001");
    CHECK_THROWS_AS(doors.fault("unheard_of"), Trouble);
}

TEST_CASE("a broker with TLS and client certificates, stopped and started on the same ports" * doctest::skip(!Broker::is_installed())) {
    const TempDir folder("self");
    Certificates certificates(folder / "tls");
    Certificates strangers(folder / "strangers", "Nobody's CA");
    const auto ours = certificates.client("gw-0001"), theirs = strangers.client("gw-0001");
    Broker broker("broker", folder.path(),
                  {.users = {}, .acl = {}, .certificates = &certificates, .queued_messages_max = {}, .packet_bytes_max = {}, .more = {}});
    broker.start();
    const auto handshake = [&](const Certificates::Pair& pair) {
        return run_to_end("/bin/sh", {"-c", "echo | openssl s_client -connect 127.0.0.1:" + std::to_string(broker.tls_port()) + " -CAfile " +
                                                certificates.authority().string() + " -cert " + pair.certificate.string() + " -key " +
                                                pair.key.string() + " -verify_return_error -ign_eof 2>&1 | grep -c 'Verify return code: 0'; true"});
    };
    CHECK(handshake(ours) != "0\n");
    CHECK(broker.log().find("certificate verify failed") == std::string::npos);
    handshake(theirs);
    eventually(
        "the stranger refused", [&] { return broker.log().find("certificate verify failed") != std::string::npos; }, 5s,
        [&] { return broker.log(); });
    broker.kill();
    CHECK_FALSE(broker.is_running());
    broker.start();
    CHECK(broker.is_running());
    broker.stop();
    broker.forget();
}

TEST_CASE("a cable forwards, hangs, is cut and mended, and keeps what went up") {
    const TempDir folder("self");
    UhppoteDoors doors("east", {}, folder.path()); // any HTTP server will do: its control port
    // The control port is not told by name; the state is asked through the cable instead.
    Cable cable(doors.control().number());
    const HttpPeer through = HttpPeer::tcp(cable.port());
    CHECK(through.get("/state").at("serial").to_number<unsigned>() == doors.serial());
    CHECK(cable.sent_up().find("GET /state HTTP/1.1") != std::string::npos);
    CHECK(cable.sent_down().find("425316788") != std::string::npos);
    CHECK(cable.connections_made() == 1);

    cable.hang();
    CHECK_THROWS_AS(through.ask("GET", "/state", {}, {}, 200ms), Trouble);
    cable.cut();
    CHECK_THROWS_AS(through.ask("GET", "/state", {}, {}, 200ms), Trouble);
    cable.mend();
    CHECK(through.ask("GET", "/state").status == 200);

    cable.hang_downward();
    const auto up = cable.bytes_up();
    CHECK_THROWS_AS(through.ask("POST", "/event", R"({"card":8100001})", {}, 200ms), Trouble);
    CHECK(cable.bytes_up() > up);
    eventually("the event that nobody heard confirmed", [&] { return doors.last_index() == 1; });
    cable.mend();

    doors.burst(2000);
    cable.set_speed(200'000);
    const auto began = std::chrono::steady_clock::now();
    CHECK(through.get("/ledger").as_array().size() == 2001);
    CHECK(std::chrono::steady_clock::now() - began > 400ms);
}

TEST_CASE("a platform comes up at its broker, and says what it keeps" * doctest::skip(!Broker::is_installed())) {
    const TempDir folder("self");
    Platform platform("district", "gw-0001", {.user = "gw", .password = "geheim", .request_seed = std::string(64, 'a'), .broker = {}}, folder.path());
    platform.start();
    CHECK(platform.kept().empty());
    CHECK(platform.figure("holes") == 0);
    CHECK(platform.settings().find("request_keys = [\"") != std::string::npos);
    platform.restart_application();
    CHECK(platform.application().state().at("connected").as_bool());
}

} // namespace
