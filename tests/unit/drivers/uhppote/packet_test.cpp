// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/packet.hpp"

#include "tests/unit/drivers/uhppote/golden.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;

TEST_CASE("BCD that is no time is no time") {
    Packet packet{};
    const auto at = [&](const char* hex) {
        const auto bytes = from_hex(hex).value();
        std::copy(bytes.begin(), bytes.end(), packet.begin() + 20);
        return date_time_at(packet, 20);
    };
    CHECK(at("20260115083012"));
    CHECK(!at("00000000000000"));
    CHECK(!at("20000000000000"));
    CHECK(!at("2026011508301a"));
    CHECK(!at("20260230083012"));
    CHECK(!at("20260115240000"));
    CHECK(!at("20260115236000"));
    CHECK(at("20240229235959"));
    CHECK(!at("20250229235959"));
}

TEST_CASE("times go out as they came in, over a whole leap year") {
    for (auto time = LocalTime(std::chrono::local_days(std::chrono::year(2024) / 1 / 1));
         time < std::chrono::local_days(std::chrono::year(2025) / 1 / 1); time += std::chrono::seconds(40'009)) {
        Packet packet{};
        put_date_time_at(packet, 8, time);
        CHECK(date_time_at(packet, 8) == time);
    }
}

TEST_CASE("addresses and dates: strict") {
    CHECK(to_text(parse_ip("192.168.50.10").value()) == "192.168.50.10");
    for (const char* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2..4", "a.b.c.d", "controller.lan", "1.2.3.-4", "1.2.3.0004"})
        CHECK(!parse_ip(text));
    CHECK(to_text(parse_date("2026-12-31").value()) == "2026-12-31");
    for (const char* text : {"", "2026-13-01", "2026-02-30", "26-01-01", "2026/01/01", "1999-01-01", "2026-1-001"}) CHECK(!parse_date(text));
}
