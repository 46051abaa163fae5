// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/table.hpp"

#include "daemon/ctl/values.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

using namespace gatehouse;
using namespace gatehouse::ctl;

TEST_CASE("a Chinese character is two columns wide, and columns stay aligned") {
    CHECK(width_of("在线ok") == 6);
    CHECK(width_of("e\u0301") == 1);
    Table table({"状态", "X"});
    table.add({"on", "1"});
    CHECK(table.text() == "状态  X\non    1\n");
}

TEST_CASE("control characters, bidirectional overrides and separators become '?'") {
    CHECK(printable("a\x1b[2Jb\x7f\tc\n") == "a?[2Jb??c?");
    for (const auto* bad : {"\u202e", "\u2066", "\u200f", "\u061c", "\u2028", "\u009b", "\ufeff"}) CHECK_MESSAGE(printable(bad) == "?", bad);
    CHECK(printable("门禁\u0301") == "门禁\u0301");
}

TEST_CASE("a cell is bounded in columns and in bytes") {
    CHECK(clipped("short", 10) == "short");
    CHECK(clipped("门禁门禁", 5) == "门禁…");
    std::string marks = "e";
    for (int i = 0; i < 10'000; ++i) marks += "\u0301";
    CHECK(clipped(marks, 10).size() < 50);
}

TEST_CASE("lengths and ages in two units") {
    CHECK(length_text(45, false) == "45 s");
    CHECK(length_text(3 * 3600 + 20 * 60 + 5, false) == "3 h 20 min");
    CHECK(length_text(4 * 86400 + 7 * 3600, true) == "4 天 7 小时");
    CHECK(length_text(-5, false) == "0 s");
    CHECK(length_text(INT64_MAX, false).size() < 40);
}

TEST_CASE("times as people type them, in the machine's zone") {
    ::setenv("TZ", "CST-8", 1);
    ::tzset();
    const auto now = parse_time("2026-01-15T00:30:12Z").value();
    const auto read = [&](const std::string& text) {
        const auto time = read_moment("--from", text, now);
        return time ? to_text(*time) : std::string("no time");
    };
    CHECK(read("2026-01-15") == "2026-01-14T16:00:00.000000Z");
    CHECK(read("2026-01-15 08:30") == "2026-01-15T00:30:00.000000Z");
    CHECK(read("2026-01-15T08:30:12") == "2026-01-15T00:30:12.000000Z");
    CHECK(read("03:05") == "2026-01-14T19:05:00.000000Z");
    CHECK(read("2h") == "2026-01-14T22:30:12.000000Z");
    CHECK(read("7d") == "2026-01-08T00:30:12.000000Z");
    CHECK(read("2026-01-15T00:30:12+00:00") == "2026-01-15T00:30:12.000000Z");
    for (const auto* wrong : {"", "h", "-2h", "2026-02-31", "25:00", "2026-01-15 08:30x", "99999999999d", "soon"})
        CHECK_MESSAGE(read(wrong) == "no time", wrong);
    CHECK(local_text(now) == "2026-01-15 08:30:12");
}
