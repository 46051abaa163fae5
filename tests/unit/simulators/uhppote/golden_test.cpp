// SPDX-License-Identifier: Apache-2.0
//
// Whole datagrams, written by hand from the published layout (uhppoted project, uhppote-core messages/ and types/);
// serial 425316788 = b4 d1 59 19. The simulator must put out these bytes and no other.
#include "tests/unit/simulators/uhppote/bench.hpp"

namespace {

using namespace gatehouse::simulators::uhppote;
using namespace std::chrono_literals;

TEST_CASE("discovery with serial 0 and get-device with our own are answered alike") {
    Bench bench;
    const auto expected = want("17 94 00 00 b4 d1 59 19 c0 a8 32 15 ff ff ff 00 c0 a8 32 01 00 66 19 59 d1 b4 06 62 20 20 01 15");
    CHECK(bench.ask("17 94 00 00 00 00 00 00") == expected);
    CHECK(bench.ask("17 94 00 00 b4 d1 59 19") == expected);
    CHECK(bench.ask("17 94 00 00 b5 d1 59 19") == "");
}

TEST_CASE("a swipe is pushed by firmware 6.62 as these 64 bytes") {
    Bench bench({}, 1204);
    bench.controller.set_sequence(9);
    CHECK(bench.ask("17 50 00 00 b4 d1 59 19 d9 c8 7b 00 20 26 01 01 20 26 12 31 01 01 00 00 40 e2 01 00") == want("17 50 00 00 b4 d1 59 19 01"));
    CHECK(bench.ask("17 90 00 00 b4 d1 59 19 c0 a8 32 0a 61 ea 0f") == want("17 90 00 00 b4 d1 59 19 01"));
    bench.controller.swipe(8112345, 2, Controller::Direction::in);
    REQUIRE(bench.pushed.size() == 1);
    CHECK(shown(bench.pushed[0]) == want("19 20 00 00 b4 d1 59 19 b4 04 00 00 01 01 02 01"
                                         "d9 c8 7b 00 20 26 01 15 08 30 12 01 00 00 00 00"
                                         "00 00 00 00 00 08 30 12 09 00 00 00 00 00 00 00"
                                         "00 02 00 26 01 15 00 00 00 00 00 00 00 00 00 00"));
}

TEST_CASE("a forced door is told by older firmware as these 64 bytes, a second later") {
    Bench bench(Board{.firmware = 0x0656}, 1205);
    bench.now += 88s;
    bench.controller.open_leaf(1);
    bench.now += 1s;
    CHECK(shown(bench.controller.heartbeat()) == want("17 20 00 00 b4 d1 59 19 b5 04 00 00 03 00 01 00"
                                                      "05 00 00 00 20 26 01 15 08 31 40 26 01 00 00 00"
                                                      "00 00 00 00 00 08 31 41 00 00 00 00 00 00 00 00"
                                                      "00 00 00 26 01 15 00 00 00 00 00 00 00 00 00 00"));
}

TEST_CASE("the small requests are answered as written") {
    Bench bench;
    CHECK(bench.ask("17 40 00 00 b4 d1 59 19 02") == want("17 40 00 00 b4 d1 59 19 01"));
    CHECK(bench.ask("17 30 00 00 b4 d1 59 19 20 26 01 15 08 30 00") == want("17 30 00 00 b4 d1 59 19 20 26 01 15 08 30 00"));
    CHECK(bench.ask("17 32 00 00 b4 d1 59 19") == want("17 32 00 00 b4 d1 59 19 20 26 01 15 08 30 00"));
    CHECK(bench.ask("17 b2 00 00 b4 d1 59 19 b5 04 00 00 55 aa aa 55") == want("17 b2 00 00 b4 d1 59 19 01"));
    CHECK(bench.ask("17 b4 00 00 b4 d1 59 19") == want("17 b4 00 00 b4 d1 59 19 b5 04"));
    CHECK(bench.ask("17 82 00 00 b4 d1 59 19 03") == want("17 82 00 00 b4 d1 59 19 03 03 05"));
    CHECK(bench.ask("17 80 00 00 b4 d1 59 19 03 01 07") == want("17 80 00 00 b4 d1 59 19 03 01 07"));
    CHECK(bench.ask("17 90 00 00 b4 d1 59 19 c0 a8 32 0a 61 ea 0f") == want("17 90 00 00 b4 d1 59 19 01"));
    CHECK(bench.ask("17 92 00 00 b4 d1 59 19") == want("17 92 00 00 b4 d1 59 19 c0 a8 32 0a 61 ea 0f"));
}

TEST_CASE("get-event tells overwritten, missing, first and last apart") {
    Bench bench({}, 1203);
    for (int i = 0; i < 3; ++i) bench.controller.swipe(20'000'000, 1, Controller::Direction::in);
    bench.controller.memory().drop_oldest(1);
    CHECK(bench.ask("17 b0 00 00 b4 d1 59 19 b3 04") == want("17 b0 00 00 b4 d1 59 19 b3 04 00 00 ff"));
    CHECK(bench.ask("17 b0 00 00 b4 d1 59 19 b4 04") == want("17 b0 00 00 b4 d1 59 19 b4 04 00 00 01 00 01 01 00 2d 31 01 20 26 01 15 08 30 12 06"));
    CHECK(bench.ask("17 b0 00 00 b4 d1 59 19 00") == bench.ask("17 b0 00 00 b4 d1 59 19 b4 04"));
    CHECK(bench.ask("17 b0 00 00 b4 d1 59 19 ff ff ff ff") == bench.ask("17 b0 00 00 b4 d1 59 19 b5 04"));
    CHECK(bench.ask("17 b0 00 00 b4 d1 59 19 b6 04") == want("17 b0 00 00 b4 d1 59 19"));
}

TEST_CASE("a status without any event is zero from 8 to 27 but has states and clock") {
    Bench bench;
    CHECK(bench.ask("17 20 00 00 b4 d1 59 19") == want("17 20 00 00 b4 d1 59 19 00 00 00 00 00 00 00 00"
                                                       "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
                                                       "00 00 00 00 00 08 30 12 00 00 00 00 00 00 00 00"
                                                       "00 00 00 26 01 15"));
}

TEST_CASE("a controller is silent to wrong length, wrong first byte, another serial and unknown functions") {
    Bench bench;
    CHECK_FALSE(bench.controller.answer(hex("17 20 00 00 b4 d1 59 19", 63)));
    CHECK_FALSE(bench.controller.answer(hex("17 20 00 00 b4 d1 59 19", 65)));
    CHECK_FALSE(bench.controller.answer(View{}));
    CHECK(bench.ask("19 20 00 00 b4 d1 59 19") == "");
    CHECK(bench.ask("17 20 00 00 b5 d1 59 19") == "");
    CHECK(bench.ask("17 20 00 00 00 00 00 00") == "");
    CHECK(bench.ask("17 ee 00 00 b4 d1 59 19") == "");
    CHECK(bench.ask("17 96 00 00 b4 d1 59 19 0a 00 00 01 ff 00 00 00 0a 00 00 fe 55 aa aa 55") == "");
    CHECK(bench.controller.board().address == Ip{192, 168, 50, 21});
}

} // namespace
