// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/get_time.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("get-time: bytes and fields") {
    const auto bytes = golden("get_time");
    const auto time =
        std::chrono::local_days(std::chrono::year(2026) / 1 / 15) + std::chrono::hours(8) + std::chrono::minutes(30) + std::chrono::seconds(1);
    CHECK(is_same(encode_get_time(serial), bytes.requests.at(0)));
    const auto reply = decode_get_time(bytes.answers.at(0)).value();
    CHECK(reply.serial == serial);
    CHECK(reply.time == time);
    CHECK(!decode_get_time(bytes.answers.at(1)).value().time);
    check_refusals(bytes.answers.at(0), decode_get_time);
}
