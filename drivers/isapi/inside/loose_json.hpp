// SPDX-License-Identifier: Apache-2.0
//
// Members that devices write as a number or as a text of digits.
#pragma once

#include "daemon/base/json.hpp"
#include "daemon/base/text.hpp"

namespace gatehouse::drivers::isapi::inside {

inline std::optional<std::int64_t> loose_number_at(const json::object& object, std::string_view key) {
    if (const auto number = gatehouse::number_at(object, key)) return number;
    if (const auto text = gatehouse::text_at(object, key)) return to_number(trimmed(*text));
    return std::nullopt;
}

inline std::string loose_text_at(const json::object& object, std::string_view key) {
    if (auto text = gatehouse::text_at(object, key)) return std::string(trimmed(*text));
    if (const auto number = gatehouse::number_at(object, key)) return std::to_string(*number);
    return {};
}

inline std::optional<bool> loose_flag_at(const json::object& object, std::string_view key) {
    if (const auto flag = gatehouse::bool_at(object, key)) return flag;
    if (const auto text = gatehouse::text_at(object, key)) {
        if (same_but_case(*text, "true") || *text == "1") return true;
        if (same_but_case(*text, "false") || *text == "0") return false;
    }
    return std::nullopt;
}

/// A serial number: not negative.
inline std::optional<std::uint64_t> serial_at(const json::object& object, std::string_view key) {
    const auto number = loose_number_at(object, key);
    if (!number || *number < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

} // namespace gatehouse::drivers::isapi::inside
