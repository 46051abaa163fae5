// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/set_time.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("set-time: bytes and fields") {
    const auto bytes = golden("set_time");
    const auto time = std::chrono::local_days(std::chrono::year(2026) / 1 / 15) + std::chrono::hours(8) + std::chrono::minutes(30);
    CHECK(is_same(encode_set_time(serial, time), bytes.requests.at(0)));
    const auto reply = decode_set_time(bytes.answers.at(0)).value();
    CHECK(reply.serial == serial);
    CHECK(reply.time == time);
    check_refusals(bytes.answers.at(0), decode_set_time);
}
