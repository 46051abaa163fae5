// SPDX-License-Identifier: Apache-2.0
//
// What the words of the variable ups.status mean to us (RFC 9271, its table of statuses), as one table from word to records.
#pragma once

#include "daemon/record/kind.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::nut {

enum class Condition : std::uint8_t { on_battery, battery_low, forced_shutdown, battery_replace, overload, output_off, bypass, ups_alarm };

struct ConditionSpec {
    Condition condition;
    std::string_view word; ///< in ups.status
    std::string_view code; ///< the record's fact
    Kind begins;
    std::optional<Kind> ends; ///< none: its end is told by no record of its own
};

inline constexpr std::array conditions{
    ConditionSpec{Condition::on_battery, "OB", "mains", Kind::power_lost, Kind::power_restored},
    ConditionSpec{Condition::battery_low, "LB", "battery_low", Kind::alarm_raised, Kind::alarm_cleared},
    ConditionSpec{Condition::forced_shutdown, "FSD", "forced_shutdown", Kind::alarm_raised, Kind::alarm_cleared},
    ConditionSpec{Condition::battery_replace, "RB", "battery_replace", Kind::alarm_raised, Kind::alarm_cleared},
    ConditionSpec{Condition::overload, "OVER", "overload", Kind::power_overload, std::nullopt},
    ConditionSpec{Condition::output_off, "OFF", "output_off", Kind::alarm_raised, Kind::alarm_cleared},
    ConditionSpec{Condition::bypass, "BYPASS", "bypass", Kind::alarm_raised, Kind::alarm_cleared},
    ConditionSpec{Condition::ups_alarm, "ALARM", "ups_alarm", Kind::alarm_raised, Kind::alarm_cleared},
};

constexpr std::size_t status_bytes_max = 128;

/// A set of conditions, and the words that are none (OL, CHRG, TRIM, a vendor's own), in order.
struct UpsStatus {
    std::uint16_t held = 0; ///< one bit a condition
    std::string others;
    bool has(Condition condition) const { return (held >> static_cast<unsigned>(condition) & 1u) != 0; }
    void set(Condition condition, bool is) {
        const auto bit = static_cast<std::uint16_t>(1u << static_cast<unsigned>(condition));
        held = static_cast<std::uint16_t>(is ? held | bit : held & ~bit);
    }
    friend bool operator==(const UpsStatus&, const UpsStatus&) = default;
};

/// On battery is what it was `before` where the words leave it open: neither OL nor OB, or CAL (the UPS tries its battery on purpose).
UpsStatus read_status(std::string_view words, const UpsStatus& before);

/// The words of the conditions that are held, for a mark: "OB LB".
std::string words_of(const UpsStatus& status);

struct Change {
    const ConditionSpec* spec;
    bool begins;
};
/// In the table's order, so that power.lost comes before the low battery.
std::vector<Change> changes(const UpsStatus& before, const UpsStatus& now);

/// What is left lasts minutes: battery low with no mains, or the shutdown was ordered.
bool is_ending(const UpsStatus& status);

} // namespace gatehouse::drivers::nut
