// SPDX-License-Identifier: Apache-2.0
//
// What a measurement says: one row of the table and of the JSON (`./dev bench --json FILE`).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::bench {

/// `value` in `unit`. With a yardstick measured in the same run: `ratio` (the median of interleaved pairs) and its spread. `holds`: the goal
/// of the product's design is reached; none: nothing was asked.
struct Row {
    std::string name;
    double value = 0;
    std::string unit;
    std::optional<double> ratio{};
    std::string goal{};
    std::optional<bool> holds{};
    std::vector<double> spread{}; ///< of the ratio (or of the value, where there is no yardstick), pair by pair
    std::string note{};           ///< the yardstick's own figure, sizes, in a few words
};

double median(std::vector<double> values);
/// `share` in (0, 1]: the smallest value that this share of all does not exceed. Of none: 0.
double percentile(std::vector<double> values, double share);

/// `{"rows":[{"name","value","unit","ratio","goal","holds","spread","note"}…]}`; what there is none of is null.
std::string to_json(const std::vector<Row>& rows);
/// One line, as it stands in the table for people; and the line above.
std::string to_line(const Row& row);
std::string heading();

} // namespace gatehouse::bench
