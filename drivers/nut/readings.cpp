// SPDX-License-Identifier: Apache-2.0
#include "drivers/nut/readings.hpp"

#include <charconv>
#include <cmath>

namespace gatehouse::drivers::nut {

std::optional<double> read_number(std::string_view text) {
    double value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (error != std::errc() || stopped != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::vector<Reading> Readings::due(const std::map<std::string, std::string>& variables, Instant now) {
    std::vector<Reading> readings;
    for (const auto& quantity : quantities) {
        const auto found = variables.find(std::string(quantity.name));
        if (found == variables.end()) continue;
        const auto value = read_number(found->second);
        if (!value) {
            ++malformed;
            continue;
        }
        const auto told = told_.find(quantity.name);
        const bool is_news =
            told == told_.end() || (std::abs(*value - told->second.value) >= quantity.step && now - told->second.at >= reading_every);
        if (!is_news) continue;
        told_[quantity.name] = {*value, now};
        readings.push_back({&quantity, *value});
    }
    return readings;
}

} // namespace gatehouse::drivers::nut
