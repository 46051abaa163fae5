// SPDX-License-Identifier: Apache-2.0
//
// A request's target, taken apart strictly: what could be read in two ways is refused, so that no proxy and no route ever disagree.
#pragma once

#include "daemon/base/result.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::console {

constexpr std::size_t path_bytes_max = 512;
constexpr std::size_t query_bytes_max = 2048;
constexpr std::size_t query_pairs_max = 16;

/// RFC 3986 percent escapes; '+' stays '+' (times have it in their offsets). Malformed: a broken escape, no UTF-8, control characters.
Result<std::string> unescaped(std::string_view text);
/// Everything but unreserved characters escaped.
std::string escaped(std::string_view text);

struct Target {
    std::vector<std::string> segments; ///< of the path, raw: routes compare them letter by letter
    std::map<std::string, std::string> query;
};

/// Origin form only. Refused: empty segments ("//"), "." and "..", also escaped; ';', '\\', '#', anything that is not printable ASCII; a
/// query name that stands twice; more than the bounds above.
Result<Target> parse_target(std::string_view target);

} // namespace gatehouse::console
