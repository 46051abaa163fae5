// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/validity/reading.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::registry::validity {

namespace {

// U+00B7, U+2022, U+30FB, U+3000, U+2014, U+2013: what stands between the letters of a plate or the groups of a number.
constexpr std::array<std::string_view, 6> between{"\xc2\xb7", "\xe2\x80\xa2", "\xe3\x83\xbb", "\xe3\x80\x80", "\xe2\x80\x94", "\xe2\x80\x93"};

/// U+FF01..U+FF5E are ASCII, 0xfee0 away; 0: none of them begins here.
char narrow(std::string_view text) {
    if (text.size() < 3 || text[0] != '\xef') return 0;
    const auto second = static_cast<unsigned char>(text[1]), third = static_cast<unsigned char>(text[2]);
    if (second == 0xbc && third >= 0x81 && third <= 0xbf) return static_cast<char>(third - 0x81 + 0x21);
    if (second == 0xbd && third >= 0x80 && third <= 0x9e) return static_cast<char>(third - 0x80 + 0x60);
    return 0;
}

bool is_between(char c) { return c == ' ' || c == '\t' || c == '-' || c == '.'; }

char capital(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

} // namespace

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string plain_code(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        const auto gap = std::find_if(between.begin(), between.end(), [&](std::string_view one) { return text.starts_with(one); });
        if (gap != between.end()) {
            text.remove_prefix(gap->size());
            continue;
        }
        const char wide = narrow(text);
        const char c = wide != 0 ? wide : text.front();
        if (!is_between(c)) plain.push_back(capital(c));
        text.remove_prefix(wide != 0 ? 3 : 1);
    }
    return plain;
}

} // namespace gatehouse::registry::validity
