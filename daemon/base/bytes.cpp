// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/bytes.hpp"

#include <algorithm>

namespace gatehouse {

std::uint16_t u16_le(ByteView bytes) { return static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8); }

std::uint32_t u32_le(ByteView bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | bytes[i];
    return value;
}

std::uint64_t u64_be(ByteView bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8 | bytes[i];
    return value;
}

void put_u16_le(std::span<std::uint8_t> bytes, std::uint16_t value) {
    bytes[0] = static_cast<std::uint8_t>(value);
    bytes[1] = static_cast<std::uint8_t>(value >> 8);
}

void put_u32_le(std::span<std::uint8_t> bytes, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

void put_u64_be(std::span<std::uint8_t> bytes, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * (7 - i)));
}

std::string to_hex(ByteView bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return Error(Fault::malformed, "odd number of hexadecimal digits");
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return Error(Fault::malformed, "no hexadecimal digit at " + std::to_string(i));
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

std::string to_base64(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < have ? bytes[i + k] : 0u);
        for (std::size_t k = 0; k < 4; ++k) text += k <= have ? base64_alphabet[group >> (6 * (3 - k)) & 63] : '=';
    }
    return text;
}

Result<Bytes> from_base64(std::string_view text) {
    const Error malformed(Fault::malformed, "no base64");
    if (text.size() % 4 != 0) return malformed;
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        std::uint32_t group = 0;
        std::size_t padding = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const char c = text[i + k];
            const auto value = base64_alphabet.find(c);
            if (c == '=' && i + 4 == text.size() && k >= 2)
                ++padding;
            else if (value == std::string_view::npos || padding > 0)
                return malformed;
            group = group << 6 | (padding > 0 ? 0u : static_cast<std::uint32_t>(value));
        }
        if (padding > 0 && (group & ((1u << (8 * padding)) - 1)) != 0) return malformed; // bits that belong to no byte: a second way to write it
        for (std::size_t k = 0; k < 3 - padding; ++k) bytes.push_back(static_cast<std::uint8_t>(group >> (8 * (2 - k))));
    }
    return bytes;
}

} // namespace gatehouse
