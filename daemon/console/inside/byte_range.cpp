// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/byte_range.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::console::inside {

RangeAsked read_range(std::string_view header, std::uint64_t bytes, ByteRange& into) {
    constexpr std::string_view unit = "bytes=";
    header = trimmed(header);
    if (header.size() < unit.size() || !same_but_case(header.substr(0, unit.size()), unit)) return RangeAsked::whole;
    header = trimmed(header.substr(unit.size()));
    const auto dash = header.find('-');
    if (dash == std::string_view::npos || header.find(',') != std::string_view::npos) return RangeAsked::whole;
    const auto digits = [](std::string_view text) { return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }); };
    const auto first_text = header.substr(0, dash), last_text = header.substr(dash + 1);
    if (!digits(first_text) || !digits(last_text)) return RangeAsked::whole;
    // What leaves 63 bits is beyond any end.
    const auto number = [](std::string_view text) { return static_cast<std::uint64_t>(to_number(text).value_or(INT64_MAX)); };
    if (first_text.empty()) {
        if (last_text.empty()) return RangeAsked::whole;
        const auto last_bytes = std::min(number(last_text), bytes);
        if (last_bytes == 0) return RangeAsked::nothing;
        into = {bytes - last_bytes, bytes};
        return RangeAsked::part;
    }
    const auto first = number(first_text);
    const auto last = last_text.empty() ? static_cast<std::uint64_t>(INT64_MAX) : number(last_text);
    if (last < first) return RangeAsked::whole; // not valid: ignored
    if (first >= bytes) return RangeAsked::nothing;
    into = {first, std::min(last, bytes - 1) + 1};
    return RangeAsked::part;
}

} // namespace gatehouse::console::inside
