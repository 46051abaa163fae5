// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/uhppote/wire.hpp"

#include <algorithm>

namespace gatehouse::simulators::uhppote {

std::uint16_t u16_at(View bytes, std::size_t at) { return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8); }

std::uint32_t u24_at(View bytes, std::size_t at) {
    return static_cast<std::uint32_t>(bytes[at]) | static_cast<std::uint32_t>(bytes[at + 1]) << 8 | static_cast<std::uint32_t>(bytes[at + 2]) << 16;
}

std::uint32_t u32_at(View bytes, std::size_t at) { return u24_at(bytes, at) | static_cast<std::uint32_t>(bytes[at + 3]) << 24; }

void put_u16(Bytes& bytes, std::size_t at, std::uint16_t value) {
    bytes[at] = static_cast<std::uint8_t>(value);
    bytes[at + 1] = static_cast<std::uint8_t>(value >> 8);
}

void put_u24(Bytes& bytes, std::size_t at, std::uint32_t value) {
    put_u16(bytes, at, static_cast<std::uint16_t>(value));
    bytes[at + 2] = static_cast<std::uint8_t>(value >> 16);
}

void put_u32(Bytes& bytes, std::size_t at, std::uint32_t value) {
    put_u24(bytes, at, value);
    bytes[at + 3] = static_cast<std::uint8_t>(value >> 24);
}

void put_all(Bytes& bytes, std::size_t at, View what) { std::copy(what.begin(), what.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at)); }

Bytes message(std::uint8_t function, std::uint32_t serial) {
    Bytes bytes(message_bytes, 0);
    bytes[0] = 0x17;
    bytes[1] = function;
    put_u32(bytes, 4, serial);
    return bytes;
}

std::uint8_t bcd(unsigned two_digits) { return static_cast<std::uint8_t>(two_digits / 10 % 10 << 4 | two_digits % 10); }

unsigned read_bcd(std::uint8_t byte) {
    const unsigned tens = byte >> 4, ones = byte & 0x0Fu;
    return tens > 9 || ones > 9 ? 255 : tens * 10 + ones;
}

DateTime bcd(control::LocalTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    return {bcd(year / 100),
            bcd(year % 100),
            bcd(static_cast<unsigned>(date.month())),
            bcd(static_cast<unsigned>(date.day())),
            bcd(static_cast<unsigned>(clock.hours().count())),
            bcd(static_cast<unsigned>(clock.minutes().count())),
            bcd(static_cast<unsigned>(clock.seconds().count()))};
}

std::optional<control::LocalTime> read_bcd(View bytes) {
    std::array<unsigned, 7> part{};
    std::transform(bytes.begin(), bytes.begin() + 7, part.begin(), [](std::uint8_t byte) { return read_bcd(byte); });
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(part[0] * 100 + part[1])), std::chrono::month(part[2]),
                                           std::chrono::day(part[3])};
    if (part[0] > 99 || part[1] > 99 || !date.ok() || part[4] > 23 || part[5] > 59 || part[6] > 59) return std::nullopt;
    return control::LocalTime(std::chrono::local_days(date)) + std::chrono::hours(part[4]) + std::chrono::minutes(part[5]) +
           std::chrono::seconds(part[6]);
}

} // namespace gatehouse::simulators::uhppote
