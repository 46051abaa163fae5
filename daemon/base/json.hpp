// SPDX-License-Identifier: Apache-2.0
//
// JSON as it comes from outside: bounded in bytes and depth, refused when malformed, read by small functions that tolerate unknown
// members and name the place of a fault.
#pragma once

#include "daemon/base/result.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

namespace json = boost::json;

constexpr std::size_t json_depth_max = 32;

/// UTF-8, at most json_depth_max deep, at most `bytes_max` long. Doubled keys and numbers beyond a double: refused.
Result<json::value> parse_json(std::string_view text, std::size_t bytes_max = 1024 * 1024);

/// The member as that type, or none when it is missing, null or of another type. Numbers: doubles with a whole value count.
std::optional<std::string> text_at(const json::object& object, std::string_view key);
std::optional<std::int64_t> number_at(const json::object& object, std::string_view key);
std::optional<double> real_at(const json::object& object, std::string_view key);
std::optional<bool> bool_at(const json::object& object, std::string_view key);
const json::object* object_at(const json::object& object, std::string_view key);
const json::array* array_at(const json::object& object, std::string_view key);

/// The same, but Fault::malformed naming the key when missing or of another type.
Result<std::string> need_text(const json::object& object, std::string_view key);
Result<std::int64_t> need_number(const json::object& object, std::string_view key);

} // namespace gatehouse
