// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/serial_run.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("the mark moves over the unbroken run only, and jumps when the hole is filled") {
    SerialRun run;
    run.start(SourceMark{0, 10, "aa|"});
    CHECK(run.place_of(11) == SerialRun::Place::next);
    CHECK(run.mark_with(13, "c", std::nullopt) == std::nullopt);
    run.stored(13, "c", std::nullopt);
    CHECK(run.number() == 10);
    CHECK(run.highest() == 13);
    CHECK(run.holes_up_to(13) == std::vector<SerialRun::Hole>{{11, 12}});
    CHECK(run.mark_with(11, "a", std::nullopt)->number == 11);
    run.stored(11, "a", std::nullopt);
    const auto mark = run.mark_with(12, "b", std::nullopt);
    REQUIRE(mark);
    CHECK(mark->number == 13);
    CHECK(mark->text.starts_with("c|"));
    run.stored(12, "b", std::nullopt);
    CHECK(run.number() == 13);
    CHECK(run.is_stored(12, "b"));
    CHECK(!run.is_stored(12, "x"));
}

TEST_CASE("what is given up is passed over, together with what follows it") {
    SerialRun run;
    run.start(SourceMark{2, 10, "aa|"});
    run.stored(15, "e", std::nullopt);
    run.stored(16, "f", std::nullopt);
    CHECK(run.mark_past(14).number == 16);
    run.pass_over(14);
    CHECK(run.number() == 16);
    run.pass_over(20);
    CHECK(run.number() == 20);
    CHECK(run.generation() == 2);
    CHECK(run.holes_up_to(20).empty());
}

TEST_CASE("another event by an old number looks like a counter that began anew; a late repeat does not") {
    const auto noon = at("2026-01-15T12:00:00Z");
    SerialRun run;
    run.start(SourceMark{0, 10, "aa|" + to_text(noon)});
    CHECK(!run.looks_restarted(10, "aa", noon));
    CHECK(run.looks_restarted(10, "bb", noon));
    CHECK(!run.looks_restarted(3, "zz", noon - 1h));
    CHECK(run.looks_restarted(3, "zz", noon + 1h));
    CHECK(!run.looks_restarted(11, "zz", noon + 1h));
    run.restart();
    CHECK(run.generation() == 1);
    CHECK(!run.known());
    run.begin_after(0);
    CHECK(run.mark_with(1, "a", noon)->generation == 1);
}

TEST_CASE("a run read back from its own mark is the same run, and its memory has bounds") {
    SerialRun run;
    run.begin_after(0);
    for (std::uint64_t serial = 1; serial <= 2000; ++serial) run.stored(serial, "f" + std::to_string(serial), at("2026-01-15T12:00:00Z"));
    SerialRun again;
    again.start(run.mark());
    CHECK(again.mark() == run.mark());
    CHECK(run.mark().text.size() <= 256);
    for (std::uint64_t serial = 3000; serial <= 3000 + 2 * ahead_max; ++serial) run.stored(serial, "x", std::nullopt);
    CHECK(run.highest() <= 3000 + ahead_max);
}
