// SPDX-License-Identifier: Apache-2.0
//
// Bytes as numbers, hexadecimal and base64. Bounds are checked by the caller's span; what can be malformed answers a Result.
#pragma once

#include "daemon/base/result.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Little- and big-endian numbers; `bytes` holds at least the number's size.
std::uint16_t u16_le(ByteView bytes);
std::uint32_t u32_le(ByteView bytes);
std::uint64_t u64_be(ByteView bytes);
void put_u16_le(std::span<std::uint8_t> bytes, std::uint16_t value);
void put_u32_le(std::span<std::uint8_t> bytes, std::uint32_t value);
void put_u64_be(std::span<std::uint8_t> bytes, std::uint64_t value);

/// Lower-case, two digits a byte.
std::string to_hex(ByteView bytes);
/// Either case, even length, nothing else.
Result<Bytes> from_hex(std::string_view text);

/// RFC 4648 with padding.
std::string to_base64(ByteView bytes);
/// Strict: alphabet, padding and length must fit.
Result<Bytes> from_base64(std::string_view text);

/// From hex into exactly N bytes.
template <std::size_t N>
Result<std::array<std::uint8_t, N>> array_from_hex(std::string_view text) {
    auto bytes = from_hex(text);
    if (!bytes) return std::move(bytes).error();
    if (bytes->size() != N) return Error(Fault::malformed, "not " + std::to_string(N) + " bytes");
    std::array<std::uint8_t, N> array{};
    std::copy(bytes->begin(), bytes->end(), array.begin());
    return array;
}

} // namespace gatehouse
