// SPDX-License-Identifier: Apache-2.0
//
// RFC 9110, 14: one range of bytes out of a whole. What is no single byte range is as good as not asked for (14.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::console::inside {

struct ByteRange {
    std::uint64_t from = 0, to = 0; ///< `to` is behind the last one
};

enum class RangeAsked { whole, part, nothing }; ///< nothing: a range that lies outside, 416

/// `into` is set for `part`. REQUIRES: bytes > 0.
RangeAsked read_range(std::string_view header, std::uint64_t bytes, ByteRange& into);

} // namespace gatehouse::console::inside
