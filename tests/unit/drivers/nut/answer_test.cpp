// SPDX-License-Identifier: Apache-2.0
#include "drivers/nut/answer.hpp"

#include "tests/paths.hpp"
#include "tests/unit/drivers/nut/fault_in.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

using namespace gatehouse;
using namespace gatehouse::drivers::nut;
using namespace gatehouse::nut_testing;

namespace {

/// Lines that upsd sent, beneath the ones that say where they come from.
std::vector<std::string> golden(const std::string& name) {
    std::ifstream file(tests::source_path("tests/golden/nut/") + name);
    REQUIRE(file.is_open());
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);)
        if (!line.starts_with('#')) lines.push_back(line);
    return lines;
}

} // namespace

TEST_CASE("nut list: what the real upsd answers is read whole") {
    ListReader all({"UPS"});
    bool is_over = false;
    for (const auto& line : golden("list_ups.txt")) {
        REQUIRE_FALSE(is_over);
        is_over = all.take(line).value();
    }
    CHECK(is_over);
    CHECK(all.rows() == std::vector<Words>{{"room", "UPS of the control room"}});
    ListReader variables({"VAR", "room"});
    is_over = false;
    for (const auto& line : golden("list_var.txt")) is_over = variables.take(line).value();
    CHECK(is_over);
    const auto has = [&](const Words& row) { return std::find(variables.rows().begin(), variables.rows().end(), row) != variables.rows().end(); };
    CHECK(variables.rows().size() > 10);
    CHECK(has({"ups.status", "OL CHRG"}));
    CHECK(has({"ups.model", R"(5P "i" \ 1550)"}));
    CHECK(has({"battery.charge", "97"}));
}

TEST_CASE("nut list: a row of something else, no beginning, and a list without end are refused") {
    ListReader none({"UPS"});
    CHECK(fault_in(none.take("UPS room \"x\"")) == Fault::malformed);
    ListReader other({"VAR", "room"});
    CHECK_FALSE(other.take("BEGIN LIST VAR room").value());
    CHECK(fault_in(other.take("VAR cellar ups.status \"OL\"")) == Fault::malformed);
    ListReader foreign({"VAR", "room"});
    CHECK(fault_in(foreign.take("BEGIN LIST VAR cellar")) == Fault::malformed);
    ListReader endless({"UPS"});
    CHECK_FALSE(endless.take("BEGIN LIST UPS").value());
    for (std::size_t i = 0; i < rows_max; ++i) REQUIRE_FALSE(endless.take("UPS a \"b\"").value());
    CHECK(fault_in(endless.take("UPS a \"b\"")) == Fault::full);
}

TEST_CASE("nut errors: each code of upsd has its fault, an unknown one is a refusal") {
    const auto fault_of = [](const std::string& line) { return fault_in(read_ok(line)); };
    CHECK(fault_of("ERR ACCESS-DENIED") == Fault::refused);
    CHECK(fault_of("ERR INVALID-PASSWORD") == Fault::refused);
    CHECK(fault_of("ERR UNKNOWN-UPS") == Fault::gone);
    CHECK(fault_of("ERR DATA-STALE") == Fault::timed_out);
    CHECK(fault_of("ERR DRIVER-NOT-CONNECTED") == Fault::unreachable);
    CHECK(fault_of("ERR FEATURE-NOT-CONFIGURED") == Fault::unsupported);
    CHECK(fault_of("ERR SOMETHING-ELSE now") == Fault::refused);
    CHECK(fault_of("ERR") == Fault::refused);
    CHECK(fault_of("HTTP/1.1 400 Bad Request") == Fault::malformed);
    CHECK(read_ok("OK Goodbye").has_value());
}

TEST_CASE("nut variable: the answer is to what was asked") {
    CHECK(read_variable("VAR room ups.status \"OL CHRG\"", "room", "ups.status").value() == "OL CHRG");
    CHECK(fault_in(read_variable("VAR cellar ups.status \"OB\"", "room", "ups.status")) == Fault::malformed);
    CHECK(fault_in(read_variable("VAR room ups.load \"9\"", "room", "ups.status")) == Fault::malformed);
    CHECK(fault_in(read_variable("VAR room ups.status \"OL\" \"x\"", "room", "ups.status")) == Fault::malformed);
    CHECK(fault_in(read_variable("ERR VAR-NOT-SUPPORTED", "room", "ups.status")) == Fault::unsupported);
}
