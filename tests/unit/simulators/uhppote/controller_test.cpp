// SPDX-License-Identifier: Apache-2.0
//
// What the controller does: who passes, what it remembers, what it forgets.
#include "tests/unit/simulators/uhppote/bench.hpp"

namespace {

using namespace gatehouse::simulators::uhppote;
using namespace gatehouse::simulators;
using namespace std::chrono_literals;
using In = Controller::Direction;

constexpr auto put_8112345 = "17 50 00 00 b4 d1 59 19 d9 c8 7b 00 20 26 01 01 20 26 12 31 01 00 02 00 40 e2 01 00";

std::uint8_t reason_of_last(Bench& bench) { return bench.controller.memory().newest()->reason; }

TEST_CASE("the card table decides: granted, unknown, no permission, out of date") {
    Bench bench;
    bench.ask(put_8112345);
    CHECK(bench.controller.swipe(8112345, 1, In::in)->kind == "pass.granted");
    CHECK(reason_of_last(bench) == 1);
    CHECK(bench.controller.swipe(8112345, 2, In::in)->kind == "pass.denied");
    CHECK(reason_of_last(bench) == 6);
    CHECK(bench.controller.swipe(4711, 1, In::in)->subject == "card:4711");
    CHECK(reason_of_last(bench) == 6);
    bench.now += std::chrono::days(365);
    bench.controller.swipe(8112345, 1, In::in);
    CHECK(reason_of_last(bench) == 15);
}

TEST_CASE("a time profile opens in its hours on its days, and a linked one after it") {
    Bench bench;            // a Thursday, 08:30:12
    bench.ask(put_8112345); // door 3 by profile 2
    bench.controller.swipe(8112345, 3, In::in);
    CHECK(reason_of_last(bench) == 15);
    CHECK(bench.ask("17 88 00 00 b4 d1 59 19 02 20 26 01 01 20 26 12 31 00 00 00 01 00 00 00 08 00 08 30 00 00 00 00 00 00 00 00 00") ==
          want("17 88 00 00 b4 d1 59 19 01"));
    CHECK(bench.controller.swipe(8112345, 3, In::in)->kind == "pass.granted");
    bench.now += 1min;
    bench.controller.swipe(8112345, 3, In::in);
    CHECK(reason_of_last(bench) == 15);
    bench.ask("17 88 00 00 b4 d1 59 19 02 20 26 01 01 20 26 12 31 00 00 00 01 00 00 00 08 00 08 30 00 00 00 00 00 00 00 00 03");
    bench.ask("17 88 00 00 b4 d1 59 19 03 20 26 01 01 20 26 12 31 01 01 01 01 01 01 01 00 00 23 59 00 00 00 00 00 00 00 00 02");
    CHECK(bench.controller.swipe(8112345, 3, In::in)->kind == "pass.granted");
    CHECK(bench.ask("17 98 00 00 b4 d1 59 19 02") ==
          want("17 98 00 00 b4 d1 59 19 02 20 26 01 01 20 26 12 31 00 00 00 01 00 00 00 08 00 08 30 00 00 00 00 00 00 00 00 03"));
    bench.ask("17 8a 00 00 b4 d1 59 19 55 aa aa 55");
    CHECK(bench.ask("17 98 00 00 b4 d1 59 19 02") == want("17 98 00 00 b4 d1 59 19"));
}

TEST_CASE("PIN, door mode, anti-passback, interlock and PC control refuse with their own reasons") {
    Bench bench;
    bench.ask("17 50 00 00 b4 d1 59 19 d9 c8 7b 00 20 26 01 01 20 26 12 31 01 01 01 01 40 e2 01 00");
    bench.ask("17 a4 00 00 b4 d1 59 19 01");
    bench.controller.swipe(8112345, 1, In::in, 1);
    CHECK(reason_of_last(bench) == 7);
    bench.controller.swipe(8112345, 1, In::in, 123456);
    CHECK(reason_of_last(bench) == 1);
    bench.ask("17 a4 00 00 b4 d1 59 19 00");

    bench.ask("17 80 00 00 b4 d1 59 19 04 02 05");
    bench.controller.swipe(8112345, 4, In::in);
    CHECK(reason_of_last(bench) == 11);

    bench.ask("17 84 00 00 b4 d1 59 19 01");
    bench.controller.swipe(8112345, 1, In::in);
    CHECK(reason_of_last(bench) == 1);
    bench.controller.swipe(8112345, 1, In::in);
    CHECK(reason_of_last(bench) == 8);
    bench.controller.swipe(8112345, 2, In::out);
    CHECK(reason_of_last(bench) == 1);
    bench.ask("17 84 00 00 b4 d1 59 19 00");

    bench.ask("17 a2 00 00 b4 d1 59 19 01");
    bench.controller.open_leaf(1);
    bench.controller.swipe(8112345, 2, In::in);
    CHECK(reason_of_last(bench) == 12);
    bench.controller.close_leaf(1);

    CHECK(bench.ask("17 a0 00 00 b4 d1 59 19 00 00 00 00 01") == want("17 a0 00 00 b4 d1 59 19 00"));
    bench.ask("17 a0 00 00 b4 d1 59 19 55 aa aa 55 01");
    bench.controller.swipe(8112345, 2, In::in);
    CHECK(reason_of_last(bench) == 5);
    bench.now += 31s; // the host fell silent: stored cards decide again
    bench.controller.swipe(8112345, 2, In::in);
    CHECK(reason_of_last(bench) == 1);
}

TEST_CASE("the lock opens for its delay, and a leaf that opens without it is forced") {
    Bench bench;
    bench.ask(put_8112345);
    bench.controller.swipe(8112345, 1, In::in);
    CHECK(bench.reply("17 20 00 00 b4 d1 59 19")[49] == 0x01);
    bench.now += 4s;
    CHECK_FALSE(bench.controller.open_leaf(1)); // opened, and special events are off
    bench.controller.close_leaf(1);
    bench.now += 2s;
    CHECK(bench.reply("17 20 00 00 b4 d1 59 19")[49] == 0);
    CHECK(bench.controller.open_leaf(1)->kind == "door.forced");
    CHECK(bench.reply("17 20 00 00 b4 d1 59 19")[28] == 1);
    CHECK(bench.controller.hold_leaf(1)->kind == "door.held");
}

TEST_CASE("buttons and doors are recorded only with special events on") {
    Bench bench;
    CHECK_FALSE(bench.controller.press_button(2));
    CHECK(bench.ask("17 8e 00 00 b4 d1 59 19 01") == want("17 8e 00 00 b4 d1 59 19 01"));
    CHECK(bench.controller.press_button(2)->kind == "button.pressed");
    CHECK(bench.controller.open_leaf(2)->kind == "door.opened");
    CHECK(bench.controller.close_leaf(2)->kind == "door.closed");
    CHECK(bench.controller.memory().last() == 3);
}

TEST_CASE("a remote opening is an event with junk where the card would be") {
    Bench bench;
    bench.ask("17 40 00 00 b4 d1 59 19 04");
    CHECK(bench.ledger.rows()[0].subject == "");
    CHECK(shown(bench.reply("17 b0 00 00 b4 d1 59 19 01")) ==
          want("17 b0 00 00 b4 d1 59 19 01 00 00 00 02 01 04 01 ea ac cd e9 20 26 01 15 08 30 12 2c"));
    CHECK(bench.ask("17 40 00 00 b4 d1 59 19 05") == want("17 40 00 00 b4 d1 59 19 00"));
    CHECK(bench.controller.memory().last() == 1);
}

TEST_CASE("cards: count, by number, by index with deleted slots, overwrite, delete all only with the magic word") {
    Bench bench(Board{.cards_max = 2});
    bench.ask(put_8112345);
    bench.ask("17 50 00 00 b4 d1 59 19 01 00 00 00 20 26 01 01 20 26 12 31 01");
    CHECK(bench.ask("17 50 00 00 b4 d1 59 19 02 00 00 00 20 26 01 01 20 26 12 31 01") == want("17 50 00 00 b4 d1 59 19 00")); // full
    CHECK(bench.ask(put_8112345) == want("17 50 00 00 b4 d1 59 19 01"));
    CHECK(bench.ask("17 58 00 00 b4 d1 59 19") == want("17 58 00 00 b4 d1 59 19 02"));
    CHECK(bench.ask("17 5a 00 00 b4 d1 59 19 d9 c8 7b 00") ==
          want("17 5a 00 00 b4 d1 59 19 d9 c8 7b 00 20 26 01 01 20 26 12 31 01 00 02 00 40 e2 01 00"));
    CHECK(bench.ask("17 5a 00 00 b4 d1 59 19 99") == want("17 5a 00 00 b4 d1 59 19"));
    CHECK(bench.ask("17 52 00 00 b4 d1 59 19 d9 c8 7b 00") == want("17 52 00 00 b4 d1 59 19 01"));
    CHECK(bench.ask("17 52 00 00 b4 d1 59 19 d9 c8 7b 00") == want("17 52 00 00 b4 d1 59 19 00"));
    CHECK(bench.ask("17 5c 00 00 b4 d1 59 19 01") == want("17 5c 00 00 b4 d1 59 19 ff ff ff ff"));
    CHECK(bench.reply("17 5c 00 00 b4 d1 59 19 02")[8] == 1);
    CHECK(bench.ask("17 5c 00 00 b4 d1 59 19 03") == want("17 5c 00 00 b4 d1 59 19"));
    for (const auto refused : {"00 00 00 00", "ff ff ff ff", "ff ff ff 00"})
        CHECK(bench.ask("17 50 00 00 b4 d1 59 19 " + std::string(refused) + "20 26 01 01 20 26 12 31 01") == want("17 50 00 00 b4 d1 59 19 00"));
    CHECK(bench.ask("17 54 00 00 b4 d1 59 19") == want("17 54 00 00 b4 d1 59 19 00"));
    CHECK(bench.controller.cards().size() == 1);
    CHECK(bench.ask("17 54 00 00 b4 d1 59 19 55 aa aa 55") == want("17 54 00 00 b4 d1 59 19 01"));
    CHECK(bench.ask("17 58 00 00 b4 d1 59 19") == want("17 58 00 00 b4 d1 59 19 00"));
}

TEST_CASE("a full memory drops its oldest hundredth as one block, and indexes go on") {
    Bench bench(Board{.events_max = 1000});
    for (int i = 0; i < 1000; ++i) bench.controller.swipe(4711, 1, In::in);
    CHECK(bench.controller.memory().first() == 1);
    bench.controller.swipe(4711, 1, In::in);
    CHECK(bench.controller.memory().first() == 11);
    CHECK(bench.controller.memory().last() == 1001);
    CHECK(bench.reply("17 b0 00 00 b4 d1 59 19 0a")[12] == 0xFF);
    CHECK(bench.ledger.size() == 1001);
}

TEST_CASE("the heartbeat repeats the last event with the present state, and events go to one listener only") {
    Bench bench;
    bench.controller.swipe(4711, 1, In::in);
    CHECK(bench.pushed.empty()); // nobody listens
    bench.ask("17 90 00 00 b4 d1 59 19 7f 00 00 01 61 ea 05");
    CHECK(bench.controller.listener().interval_s == 5);
    const Bytes first = bench.controller.heartbeat();
    bench.now += 5s;
    const Bytes second = bench.controller.heartbeat();
    CHECK(u32_at(first, 8) == 1);
    CHECK(u32_at(second, 8) == 1);
    CHECK(first[39] != second[39]);
    bench.ask("17 90 00 00 b4 d1 59 19 00 00 00 00 00 00 00");
    bench.controller.swipe(4711, 1, In::in);
    CHECK(bench.pushed.empty());
}

TEST_CASE("a wrong clock is believed until it is set, and goes on being wrong if it drifts") {
    Bench bench;
    bench.controller.set_clock(-3600s, 50.0);
    CHECK(bench.ask("17 32 00 00 b4 d1 59 19") == want("17 32 00 00 b4 d1 59 19 20 26 01 15 07 30 12"));
    bench.ask("17 30 00 00 b4 d1 59 19 20 26 01 15 08 30 12");
    CHECK(bench.clock.offset() == 0s);
    bench.now += 20000s;
    CHECK(bench.clock.offset() == 1s);
    bench.ask("17 30 00 00 b4 d1 59 19 20 26 13 15 08 30 12"); // month 13: not a time
    CHECK(bench.clock.offset() == 1s);
}

TEST_CASE("restore-defaults and clear need the magic word; a reboot keeps cards and events and says that it happened") {
    Bench bench;
    bench.ask(put_8112345);
    bench.ask("17 90 00 00 b4 d1 59 19 7f 00 00 01 61 ea 05");
    bench.controller.reboot();
    CHECK(reason_of_last(bench) == 28);
    CHECK(bench.controller.cards().size() == 1);
    CHECK(bench.controller.listener().is_set());
    bench.ask("17 c8 00 00 b4 d1 59 19");
    CHECK(bench.controller.cards().size() == 1);
    bench.ask("17 c8 00 00 b4 d1 59 19 55 aa aa 55");
    CHECK(bench.controller.cards().size() == 0);
    CHECK(bench.controller.memory().last() == 0);
    CHECK_FALSE(bench.controller.listener().is_set());
}

TEST_CASE("the same seed makes the same traffic") {
    const auto life = [](std::uint64_t seed) {
        Bench bench;
        bench.ask(put_8112345);
        std::mt19937_64 random(seed);
        std::string all;
        for (int i = 0; i < 200; ++i) all += boost::json::serialize(control::to_json(bench.controller.random_event(random))).substr(0, 90);
        return all;
    };
    CHECK(life(5) == life(5));
    CHECK(life(5) != life(6));
}

TEST_CASE("events are made by command, and impossible ones refused") {
    Bench bench;
    CHECK(bench.controller.event({{"do", "swipe"}, {"card", 8112345}, {"door", 2}, {"direction", "out"}}).kind == "pass.denied");
    CHECK(bench.controller.memory().newest()->direction == 2);
    CHECK(bench.controller.event({{"do", "raw"}, {"type", 3}, {"door", 1}, {"reason", 39}}).kind == "fire.alarm");
    CHECK_THROWS_AS(bench.controller.event({{"do", "swipe"}, {"door", 5}}), control::Refused);
    CHECK_THROWS_AS(bench.controller.event({{"do", "dance"}}), control::Refused);
    CHECK_THROWS_AS(bench.controller.event({{"do", "button"}, {"door", 1}}), control::Refused);
    CHECK(
        bench.controller.request("POST", "/cards", {{"cards", boost::json::array{boost::json::object{{"card", 8112345}, {"doors", {1, 1, 0, 0}}}}}}));
    CHECK(bench.controller.request("GET", "/cards", {})->as_array().size() == 1);
    CHECK(bench.controller.swipe(8112345, 2, In::in)->kind == "pass.granted");
    CHECK_FALSE(bench.controller.request("GET", "/teapot", {}));
}

} // namespace
