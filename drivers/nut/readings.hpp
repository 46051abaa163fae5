// SPDX-License-Identifier: Apache-2.0
//
// Which variables become power.reading, and when: at the first look, and then when one has moved by its step, each at most once in
// reading_every.
#pragma once

#include "daemon/base/clock.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::drivers::nut {

constexpr Duration reading_every = std::chrono::seconds(60);

struct Quantity {
    std::string_view name; ///< the variable's name (RFC 9271, its table of variables), and the record's
    std::string_view unit;
    double step; ///< a smaller move is noise
};
inline constexpr std::array quantities{
    Quantity{"battery.charge", "%", 5},  Quantity{"battery.runtime", "s", 120}, Quantity{"battery.voltage", "V", 1},
    Quantity{"input.voltage", "V", 10},  Quantity{"output.voltage", "V", 10},   Quantity{"ups.load", "%", 10},
    Quantity{"ups.temperature", "C", 5},
};

struct Reading {
    const Quantity* quantity;
    double value;
};

/// A decimal number in the form that NUT's drivers write, and nothing else; none for NaN, infinity and words.
std::optional<double> read_number(std::string_view text);

class Readings {
public:
    /// What is to be told of these variables now. Counts what is no number in `malformed`.
    std::vector<Reading> due(const std::map<std::string, std::string>& variables, Instant now);
    std::uint64_t malformed = 0;

private:
    struct Told {
        double value = 0;
        Instant at{};
    };
    std::map<std::string_view, Told> told_;
};

} // namespace gatehouse::drivers::nut
