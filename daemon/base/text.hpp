// SPDX-License-Identifier: Apache-2.0
//
// Texts as they come from devices: UTF-8, or GB18030 on old Chinese firmware (a declared GB2312 or GBK is read as GB18030, which holds
// both).
#pragma once

#include "daemon/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

/// Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// GB18030 to UTF-8. Fault::malformed when it is not GB18030.
Result<std::string> from_gb18030(std::string_view text);

/// At most `bytes_max` bytes of a UTF-8 text, never ending inside a character.
std::string cut_utf8(std::string_view text, std::size_t bytes_max);

/// UTF-8 stays; else GB18030 is tried; else each bad byte becomes U+FFFD and `replaced` is true.
struct ReadText {
    std::string text;
    bool replaced = false;
};
ReadText read_text(std::string_view bytes);

/// A whole decimal number and nothing else.
std::optional<std::int64_t> to_number(std::string_view text);

std::string_view trimmed(std::string_view text);

/// ASCII letters only.
std::string lower(std::string_view text);
bool same_but_case(std::string_view one, std::string_view other);

} // namespace gatehouse
