// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/active_states.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace std::chrono_literals;

TEST_CASE("a state lasts while it is repeated, and ten seconds longer") {
    using Change = ActiveStates::Change;
    ActiveStates states;
    Instant now{};
    CHECK(states.on("a", false, now) == Change::nothing);
    CHECK(states.on("a", true, now) == Change::began);
    CHECK(states.on("b", true, now) == Change::began);
    CHECK(states.on("a", true, now + 8s) == Change::goes_on);
    CHECK(states.expire(now + 10s) == std::vector<std::string>{"b"});
    CHECK(states.on("a", false, now + 11s) == Change::ended);
    CHECK(states.expire(now + 1h).empty());
    for (std::size_t i = 0; i < 2 * states_max; ++i) CHECK(states.on("k" + std::to_string(i), true, now) == Change::began);
    CHECK(states.expire(now + 1h).size() == states_max);
}
