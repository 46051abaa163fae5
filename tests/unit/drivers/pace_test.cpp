// SPDX-License-Identifier: Apache-2.0
#include "drivers/pace.hpp"

#include "tests/fakes/sim_clock.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace std::chrono_literals;

namespace {

struct Line {
    ~Line() {
        group.cancel();
        clock.run_for(1ms);
    }
    static Task<void> take(Line& line, Turn turn) {
        co_await line.pace.wait(turn);
        line.began.push_back({turn, line.clock.steady_now()});
    }
    std::uint64_t come(Turn turn) { return group.spawn("conversation", take(*this, turn)); }

    struct Began {
        Turn turn;
        Instant at;
    };
    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{3};
    Pace pace{clock, entropy, 16};
    std::vector<Began> began;
    TaskGroup group{loop};
};

} // namespace

TEST_CASE("pace: 256 conversations begin at most 16 in any second, and all within 20 seconds") {
    Line line;
    for (int i = 0; i < 256; ++i) line.come(Turn::others);
    line.clock.run_for(20s);
    REQUIRE(line.began.size() == 256);
    for (std::size_t i = 16; i < line.began.size(); ++i) CHECK(line.began[i].at - line.began[i - 16].at >= 1s);
    std::vector<Duration> apart;
    for (std::size_t i = 1; i < line.began.size(); ++i) apart.push_back(line.began[i].at - line.began[i - 1].at);
    const auto [least, most] = std::minmax_element(apart.begin(), apart.end());
    CHECK(*most - *least >= 10ms); // not in step
    CHECK(line.pace.waiting() == 0);
}

TEST_CASE("pace: the first goes at once; then the UPS, then doors, then the rest, each in the order of their coming") {
    Line line;
    line.come(Turn::others);
    line.clock.run_for(1ms);
    CHECK(line.began.size() == 1);
    for (int i = 0; i < 3; ++i) line.come(Turn::others);
    for (int i = 0; i < 3; ++i) line.come(Turn::doors);
    line.clock.run_for(70ms);
    line.come(Turn::power); // who was next waits once more
    line.clock.run_for(2s);
    std::vector<Turn> turns;
    for (const auto& one : line.began) turns.push_back(one.turn);
    using enum Turn;
    CHECK((turns == std::vector<Turn>{others, doors, power, doors, doors, others, others, others} ||
           turns == std::vector<Turn>{others, power, doors, doors, doors, others, others, others}));
}

TEST_CASE("pace: who gives up leaves the place to the next") {
    Line line;
    line.come(Turn::others);
    line.clock.run_for(1ms);
    const auto leaving = line.come(Turn::doors);
    line.come(Turn::others);
    line.clock.run_for(1ms);
    line.group.cancel(leaving);
    line.clock.run_for(100ms);
    REQUIRE(line.began.size() == 2);
    CHECK(line.began[1].turn == Turn::others);
    CHECK(line.pace.waiting() == 0);
}
