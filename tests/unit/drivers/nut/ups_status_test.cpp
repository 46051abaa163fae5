// SPDX-License-Identifier: Apache-2.0
#include "drivers/nut/ups_status.hpp"

#include "drivers/nut/readings.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::nut;
using namespace std::chrono_literals;

namespace {
UpsStatus status(std::string_view words, const UpsStatus& before = {}) { return read_status(words, before); }
} // namespace

TEST_CASE("ups.status: each word of the table is its condition, the others are kept as they came") {
    const auto all = status("OB LB FSD RB OVER OFF BYPASS ALARM DISCHRG");
    for (const auto& spec : conditions) CHECK(all.has(spec.condition));
    CHECK(all.others == "DISCHRG");
    CHECK(words_of(all) == "OB LB FSD RB OVER OFF BYPASS ALARM");
    CHECK(status("OL CHRG XYZ").held == 0);
    CHECK(status("OL CHRG XYZ").others == "OL CHRG XYZ");
    CHECK(status(words_of(all)).held == all.held);
    CHECK(status(std::string(4000, 'x')).others.size() <= status_bytes_max);
}

TEST_CASE("ups.status: a test of the battery is no power cut, and words that leave it open change nothing") {
    CHECK(status("OB").has(Condition::on_battery));
    CHECK_FALSE(status("OB CAL").has(Condition::on_battery));
    CHECK(status("OB CAL", status("OB")).has(Condition::on_battery));
    CHECK(status("WAIT", status("OB")).has(Condition::on_battery));
    CHECK_FALSE(status("WAIT").has(Condition::on_battery));
    CHECK_FALSE(status("OL", status("OB")).has(Condition::on_battery));
}

TEST_CASE("ups.status: what ends: low battery without mains, or an ordered shutdown") {
    CHECK(is_ending(status("OB LB")));
    CHECK(is_ending(status("OL FSD")));
    CHECK_FALSE(is_ending(status("OB DISCHRG")));
    CHECK_FALSE(is_ending(status("OL LB CHRG"))); // the mains are back, the battery is still empty
}

TEST_CASE("readings: at first, then when moved by a step, at most once a minute each; no number is no reading") {
    Readings readings;
    std::map<std::string, std::string> variables{{"battery.charge", "100"}, {"ups.load", "twelve"}, {"ups.temperature", "nan"}, {"x", "1"}};
    Instant now{};
    REQUIRE(readings.due(variables, now).size() == 1);
    CHECK(readings.malformed == 2);
    variables["battery.charge"] = "96";
    CHECK(readings.due(variables, now + 10min).empty());
    variables["battery.charge"] = "95";
    CHECK(readings.due(variables, now + 59s).empty());
    const auto due = readings.due(variables, now + 60s);
    REQUIRE(due.size() == 1);
    CHECK(due[0].quantity->name == "battery.charge");
    CHECK(due[0].value == 95);
    variables["battery.charge"] = "10";
    CHECK(readings.due(variables, now + 61s).empty());
    CHECK(readings.due(variables, now + 120s).size() == 1);
    CHECK_FALSE(read_number("1e3").has_value());
    CHECK_FALSE(read_number("12 V").has_value());
    CHECK(read_number("-3.5") == -3.5);
}
