// SPDX-License-Identifier: Apache-2.0
#include "drivers/nut/line.hpp"

#include "tests/unit/drivers/nut/fault_in.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::nut;
using namespace gatehouse::nut_testing;

TEST_CASE("nut line: words, quotes and backslashes are undone as they were written") {
    CHECK(split_line(R"(VAR room device.model "5P \"i\" \\ 1550")").value() == Words{"VAR", "room", "device.model", R"(5P "i" \ 1550)"});
    CHECK(split_line("  OK \t Goodbye ").value() == Words{"OK", "Goodbye"});
    CHECK(split_line(R"(VAR room ups.id "")").value() == Words{"VAR", "room", "ups.id", ""});
    CHECK(split_line("").value().empty());
    const Words words{"SET", "", "a b", R"(q"\)", "plain"};
    const auto line = make_line(words);
    CHECK(line.value() == "SET \"\" \"a b\" \"q\\\"\\\\\" plain\n");
    CHECK(split_line(std::string_view(*line).substr(0, line->size() - 1)).value() == words);
}

TEST_CASE("nut line: what is no line is a typed fault") {
    CHECK(fault_in(split_line("VAR room x \"open")) == Fault::malformed);
    CHECK(fault_in(split_line("VAR room x \\")) == Fault::malformed);
    CHECK(fault_in(split_line(std::string_view("VAR\0x", 5))) == Fault::malformed);
    CHECK(fault_in(split_line("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17")) == Fault::full);
    CHECK(split_line("VAR room device.mfr \"\xff\xfe\"").value().back() == "\xef\xbf\xbd\xef\xbf\xbd"); // UTF-8 whatever firmware writes
}

TEST_CASE("nut line: a word never becomes a second command") {
    CHECK(fault_in(make_line({"GET", "VAR", "room\nFSD room", "x"})) == Fault::malformed);
    CHECK(fault_in(make_line({"PASSWORD", std::string(line_bytes_max, 'x')})) == Fault::full);
}

TEST_CASE("nut line: lines come whole however the bytes were cut, and an endless one is refused within its bound") {
    LineReader reader;
    CHECK_FALSE(reader.next().value().has_value());
    for (const char c : std::string("OK\r\nVAR a b \"c\"\nrest")) reader.add(std::string(1, c));
    CHECK(reader.next().value() == "OK");
    CHECK(reader.next().value() == "VAR a b \"c\"");
    CHECK_FALSE(reader.next().value().has_value());
    reader.add(std::string(line_bytes_max - 4, 'x'));
    CHECK_FALSE(reader.next().value().has_value());
    reader.add("y");
    CHECK(fault_in(reader.next()) == Fault::full);
    LineReader other;
    other.add(std::string(line_bytes_max + 1, 'x') + "\n");
    CHECK(fault_in(other.next()) == Fault::full);
}
