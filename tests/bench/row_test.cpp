// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/row.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

namespace gatehouse::bench {

TEST_CASE("bench: a percentile is a value that was measured, and the median of an even number lies between two") {
    CHECK(percentile({5, 1, 3, 2, 4}, 0.99) == 5);
    CHECK(percentile({5, 1, 3, 2, 4}, 0.5) == 3);
    CHECK(percentile({5, 1, 3, 2, 4}, 0.2) == 1);
    std::vector<double> hundred;
    for (int i = 1; i <= 100; ++i) hundred.push_back(i);
    CHECK(percentile(hundred, 0.99) == 99);
    CHECK(percentile({}, 0.99) == 0);
    CHECK(median({3, 1, 2}) == 2);
    CHECK(median({4, 1, 2, 3}) == 2.5);
    CHECK(median({}) == 0);
}

TEST_CASE("bench: the JSON has what programs read, and null where there is nothing") {
    const auto text =
        to_json({{"append", 1000, "records/s", 0.9, "≥ 0.8", true, {0.8, 0.9}, "bare 1100"}, {"start_s", 0.4, "s", {}, "", {}, {}, ""}});
    const auto rows = boost::json::parse(text).at("rows").as_array();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].at("name").as_string() == "append");
    CHECK(rows[0].at("value").as_double() == 1000);
    CHECK(rows[0].at("unit").as_string() == "records/s");
    CHECK(rows[0].at("ratio").as_double() == 0.9);
    CHECK(rows[0].at("goal").as_string() == "≥ 0.8");
    CHECK(rows[0].at("holds").as_bool());
    CHECK(rows[1].at("ratio").is_null());
    CHECK(rows[1].at("goal").is_null());
    CHECK(rows[1].at("holds").is_null());
}

TEST_CASE("bench: a missed goal stands out in the table") {
    CHECK(to_line({"append", 1000, "records/s", 0.7, "≥ 0.8", false, {}, ""}).find(" NO ") != std::string::npos);
    CHECK(to_line({"append", 1000, "records/s", 0.9, "≥ 0.8", true, {}, ""}).find(" yes ") != std::string::npos);
}

} // namespace gatehouse::bench
