// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/text.hpp"

#include <iconv.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace gatehouse {

namespace {

// Length of the well-formed UTF-8 character at the front, 0 if there is none (Unicode 15, table 3-7).
std::size_t character_bytes(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = at(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xc2 && lead <= 0xdf ? 2 : (lead & 0xf0) == 0xe0 ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
    if (length == 0 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((at(i) & 0xc0) != 0x80) return 0;
    const unsigned char second = at(1);
    if (lead == 0xe0 && second < 0xa0) return 0;
    if (lead == 0xed && second > 0x9f) return 0;
    if (lead == 0xf0 && second < 0x90) return 0;
    if (lead == 0xf4 && second > 0x8f) return 0;
    return length;
}

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

} // namespace

std::string cut_utf8(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return std::string(text);
    auto end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return std::string(text.substr(0, end));
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = character_bytes(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

Result<std::string> from_gb18030(std::string_view text) {
    const auto handle = iconv_open("UTF-8", "GB18030");
    if (handle == reinterpret_cast<iconv_t>(-1)) return Error(Fault::unsupported, "this system's iconv has no GB18030");
    const std::unique_ptr<void, int (*)(iconv_t)> closing(handle, iconv_close);
    std::string out(text.size() * 3 + 4, '\0');  // two bytes become at most three, four become four
    char* from = const_cast<char*>(text.data()); // iconv's prototype; it does not write there
    char* to = out.data();
    std::size_t from_left = text.size();
    std::size_t to_left = out.size();
    if (iconv(handle, &from, &from_left, &to, &to_left) == static_cast<std::size_t>(-1))
        return Error(Fault::malformed, "no GB18030 at byte " + std::to_string(text.size() - from_left));
    out.resize(out.size() - to_left);
    return out;
}

ReadText read_text(std::string_view bytes) {
    if (is_utf8(bytes)) return {std::string(bytes), false};
    if (auto converted = from_gb18030(bytes)) return {std::move(*converted), false};
    ReadText read{{}, true};
    while (!bytes.empty()) {
        const std::size_t length = character_bytes(bytes);
        read.text += length == 0 ? std::string_view("\xef\xbf\xbd") : bytes.substr(0, length);
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return read;
}

std::optional<std::int64_t> to_number(std::string_view text) {
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, fault] = std::from_chars(text.data(), end, value);
    if (fault != std::errc() || stopped != end) return std::nullopt;
    return value;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\f\v";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower_char);
    return out;
}

bool same_but_case(std::string_view one, std::string_view other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](char a, char b) { return lower_char(a) == lower_char(b); });
}

} // namespace gatehouse
