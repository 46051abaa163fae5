// SPDX-License-Identifier: Apache-2.0
//
// The 64 bytes of a UT0311 message: little-endian numbers, BCD dates. Source: the layout as published by the uhppoted
// project (uhppote-core, messages/ and types/). No protocol knowledge beyond offsets lives here.
#pragma once

#include "tests/simulators/control/device_clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gatehouse::simulators::uhppote {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

constexpr std::size_t message_bytes = 64;
constexpr std::uint32_t magic_word = 0x55AAAA55;

std::uint16_t u16_at(View bytes, std::size_t at);
std::uint32_t u32_at(View bytes, std::size_t at);
/// Three bytes, little-endian: PINs.
std::uint32_t u24_at(View bytes, std::size_t at);

void put_u16(Bytes& bytes, std::size_t at, std::uint16_t value);
void put_u32(Bytes& bytes, std::size_t at, std::uint32_t value);
void put_u24(Bytes& bytes, std::size_t at, std::uint32_t value);
void put_all(Bytes& bytes, std::size_t at, View what);

/// A reply of this function by this controller, all else zero.
Bytes message(std::uint8_t function, std::uint32_t serial);

using Date = std::array<std::uint8_t, 4>;     // BCD yyyymmdd
using DateTime = std::array<std::uint8_t, 7>; // BCD yyyymmddHHMMSS

DateTime bcd(control::LocalTime time);
/// Nothing where a nibble is above 9 or the date does not exist.
std::optional<control::LocalTime> read_bcd(View seven_bytes);
/// 0..99 as one BCD byte, and back (255 where it is none).
std::uint8_t bcd(unsigned two_digits);
unsigned read_bcd(std::uint8_t byte);

} // namespace gatehouse::simulators::uhppote
