// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/time_text.hpp"

#include "daemon/base/text.hpp"

namespace gatehouse::drivers::onvif {

namespace {
constexpr std::size_t time_bytes_max = 40;
constexpr std::size_t seconds_end = 19; // of "2026-01-15T08:30:12"
} // namespace

std::optional<Time> read_date_time(std::string_view text) {
    text = trimmed(text);
    if (text.size() < seconds_end || text.size() > time_bytes_max) return std::nullopt;
    std::string whole(text);
    const bool has_zone = whole.find_first_of("Zz+-", seconds_end) != std::string::npos;
    if (!has_zone) whole += 'Z';
    const auto time = parse_time(whole);
    return time ? std::optional<Time>(*time) : std::nullopt;
}

std::string date_time_text(Time time) { return to_text(time).substr(0, seconds_end) + "Z"; }

std::string duration_text(std::chrono::seconds span) { return "PT" + std::to_string(span.count()) + "S"; }

} // namespace gatehouse::drivers::onvif
