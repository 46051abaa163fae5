// SPDX-License-Identifier: Apache-2.0
//
// Every fault that the simulator knows does what its line in the README says, and no fault is missing there.
#include "tests/paths.hpp"
#include "tests/simulators/devices/uhppote/line.hpp"
#include "tests/unit/simulators/uhppote/bench.hpp"

#include <fstream>
#include <sstream>

namespace {

using namespace gatehouse::simulators::uhppote;
using namespace gatehouse::simulators;
using namespace std::chrono_literals;
using In = Controller::Direction;

struct Wire {
    control::Faults faults{1};
    Line line{faults, 2};
    Bytes status = hex("17 20 00 00 b4 d1 59 19 01");

    std::vector<Line::Sending> reply() { return line.pass(status, Way::reply, 0); }
    std::vector<Line::Sending> push() { return line.pass(status, Way::push, 0); }
};

TEST_CASE("without faults a datagram passes unchanged and at once") {
    Wire wire;
    const auto out = wire.reply();
    REQUIRE(out.size() == 1);
    CHECK(out[0].bytes == wire.status);
    CHECK(out[0].late == 0ms);
}

TEST_CASE("fault mute: neither replies nor pushes") {
    Wire wire;
    wire.faults.set("mute", {});
    CHECK(wire.reply().empty());
    CHECK(wire.push().empty());
}

TEST_CASE("faults drop_replies and lose_pushes: each only its own way") {
    Wire wire;
    wire.faults.set("drop_replies", {});
    CHECK(wire.reply().empty());
    CHECK(wire.push().size() == 1);
    wire.faults.clear_all();
    wire.faults.set("lose_pushes", {});
    CHECK(wire.reply().size() == 1);
    CHECK(wire.push().empty());
}

TEST_CASE("fault duplicate: the same datagram twice") {
    Wire wire;
    wire.faults.set("duplicate", {});
    const auto out = wire.push();
    REQUIRE(out.size() == 2);
    CHECK(out[0].bytes == out[1].bytes);
}

TEST_CASE("fault reorder: a datagram is overtaken by the next, or released") {
    Wire wire;
    wire.faults.set("reorder", {{"times", 1}});
    CHECK(wire.push().empty());
    wire.status[8] = 2;
    const auto out = wire.push();
    REQUIRE(out.size() == 2);
    CHECK(out[0].bytes[8] == 2);
    CHECK(out[1].bytes[8] == 1);
    wire.faults.set("reorder", {{"times", 1}});
    CHECK(wire.push().empty());
    CHECK(wire.line.release().size() == 1);
    CHECK(wire.line.release().empty());
}

TEST_CASE("faults wrong_length, wrong_serial, junk, scrambled: the datagram is spoiled in that way only") {
    Wire wire;
    wire.faults.set("wrong_length", {{"bytes", 80}, {"times", 1}});
    CHECK(wire.reply()[0].bytes.size() == 80);
    wire.faults.set("wrong_length", {});
    CHECK(wire.reply()[0].bytes.size() == 63);
    wire.faults.clear_all();

    wire.faults.set("wrong_serial", {});
    CHECK(shown(wire.reply()[0].bytes) == want("17 20 00 00 b5 d1 59 19 01"));
    wire.faults.clear_all();

    wire.faults.set("junk", {});
    const Bytes junk = wire.reply()[0].bytes;
    CHECK(Bytes(junk.begin(), junk.begin() + 54) == Bytes(wire.status.begin(), wire.status.begin() + 54));
    CHECK(Bytes(junk.begin() + 54, junk.end()) != Bytes(10, 0));
    wire.faults.clear_all();

    wire.faults.set("scrambled", {});
    const auto first = wire.reply()[0].bytes[0];
    CHECK((first == 0x19 || first == 0x1A));
}

TEST_CASE("fault slow: replies late, pushes not") {
    Wire wire;
    wire.faults.set("slow", {{"ms", 3000}});
    CHECK(wire.reply()[0].late == 3s);
    CHECK(wire.push()[0].late == 0ms);
}

TEST_CASE("fault bad_dates: the event is kept without a real time") {
    Bench bench;
    for (const auto& [as, bytes] :
         {std::pair{"zero", "00 00 00 00 00 00 00"}, {"century", "20 00 00 00 00 00 00"}, {"nibbles", "20 2f 1a ff 25 61 99"}}) {
        bench.faults.set("bad_dates", {{"as", as}});
        bench.controller.swipe(4711, 1, In::in);
        const DateTime at = bench.controller.memory().newest()->at;
        CHECK(shown(at) == shown(hex(bytes, 7)));
        CHECK(bench.ledger.rows().back().at == "2026-01-15T08:30:12");
    }
}

TEST_CASE("fault refuse_cards: put-card answers 0") {
    Bench bench;
    bench.faults.set("refuse_cards", {{"times", 1}});
    const auto put = "17 50 00 00 b4 d1 59 19 d9 c8 7b 00 20 26 01 01 20 26 12 31 01";
    CHECK(bench.reply(put)[8] == 0);
    CHECK(bench.reply(put)[8] == 1);
}

TEST_CASE("fault clear_log: the index starts at 1 again, the ledger goes on") {
    Bench bench({}, 500);
    bench.controller.swipe(4711, 1, In::in);
    CHECK(bench.controller.fault_was_set("clear_log", {}));
    CHECK(bench.controller.memory().last() == 0);
    CHECK(bench.controller.swipe(4711, 1, In::in)->key == 1);
    CHECK(bench.ledger.size() == 2);
}

TEST_CASE("fault wrap: the oldest are overwritten, exactly as many as told") {
    Bench bench;
    for (int i = 0; i < 100; ++i) bench.controller.swipe(4711, 1, In::in);
    CHECK(bench.controller.fault_was_set("wrap", {{"lost", 30}}));
    CHECK(bench.controller.memory().first() == 31);
    CHECK(bench.controller.memory().last() == 100);
    bench.controller.fault_was_set("wrap", {{"lost", 1000}});
    CHECK(bench.controller.memory().first() == 100);
}

TEST_CASE("fault listener_stolen: events go to somebody else") {
    Bench bench;
    bench.controller.set_listener({.address = {127, 0, 0, 1}, .port = 60001, .interval_s = 5});
    bench.controller.fault_was_set("listener_stolen", {{"address", "127.0.0.9"}, {"port", 61002}});
    CHECK(bench.controller.listener().address == Ip{127, 0, 0, 9});
    CHECK(bench.controller.listener().port == 61002);
    CHECK_THROWS_AS(bench.controller.fault_was_set("listener_stolen", {{"address", "nowhere"}}), control::Refused);
}

TEST_CASE("the README of the simulator has a row for every fault") {
    std::ifstream file(gatehouse::tests::source_path("tests/simulators/devices/uhppote/README.md"));
    std::stringstream readme;
    readme << file.rdbuf();
    Bench bench;
    for (const auto& fault : bench.controller.faults()) {
        INFO(fault.name);
        CHECK(readme.str().find("| `" + std::string(fault.name) + "`") != std::string::npos);
    }
}

} // namespace
