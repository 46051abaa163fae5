// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/row.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace gatehouse::bench {
namespace {

namespace json = boost::json;

std::string formatted(const char* format, double number) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, number);
    return text.data();
}

std::string short_number(double number) {
    if (number >= 1000) return formatted("%.0f", number);
    return formatted(number >= 10 ? "%.1f" : "%.2f", number);
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
}

std::string padded_left(const std::string& text, std::size_t width) {
    return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

} // namespace

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const auto middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

std::string to_json(const std::vector<Row>& rows) {
    json::array all;
    for (const auto& row : rows) {
        json::object one{{"name", row.name}, {"value", row.value}, {"unit", row.unit}, {"ratio", nullptr}, {"goal", nullptr}, {"holds", nullptr}};
        if (row.ratio) one["ratio"] = *row.ratio;
        if (!row.goal.empty()) one["goal"] = row.goal;
        if (row.holds) one["holds"] = *row.holds;
        json::array spread;
        for (const double each : row.spread) spread.push_back(each);
        one["spread"] = std::move(spread);
        one["note"] = row.note;
        all.push_back(std::move(one));
    }
    return json::serialize(json::object{{"rows", std::move(all)}});
}

std::string heading() { return "row                 value  unit        ratio   spread         goal          holds  \n"; }

std::string to_line(const Row& row) {
    std::string spread;
    if (!row.spread.empty()) {
        const auto [least, most] = std::minmax_element(row.spread.begin(), row.spread.end());
        spread = short_number(*least) + " – " + short_number(*most);
    }
    // The dash takes three bytes and one place.
    const std::string holds = row.holds ? (*row.holds ? "yes" : "NO") : "";
    return padded(row.name, 16) + padded_left(short_number(row.value), 9) + "  " + padded(row.unit, 11) +
           padded(row.ratio ? short_number(*row.ratio) : "", 8) + padded(spread, spread.empty() ? 15 : 17) + padded(row.goal, 14) + padded(holds, 7) +
           row.note + "\n";
}

} // namespace gatehouse::bench
