// SPDX-License-Identifier: Apache-2.0
//
// The 64-byte message of the UT0311 family: 0x17, function, two zero bytes, the controller's serial, 56 bytes of parameters. Numbers are
// little-endian, dates and times BCD without zone. Source: uhppoted/uhppote-core @117ff01, messages/*.go, types/*.go.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/result.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::drivers::uhppote {

constexpr std::size_t packet_bytes = 64;
using Packet = std::array<std::uint8_t, packet_bytes>;

enum class Function : std::uint8_t {
    get_status = 0x20, ///< also the event that a controller sends by itself
    set_time = 0x30,
    get_time = 0x32,
    open_door = 0x40,
    put_card = 0x50,
    delete_card = 0x52,
    card_count = 0x58,
    get_card = 0x5a,
    get_card_by_index = 0x5c,
    set_door_control = 0x80,
    get_door_control = 0x82,
    record_special_events = 0x8e,
    set_listener = 0x90,
    get_listener = 0x92,
    get_device = 0x94,
    get_event = 0xb0,
    set_event_index = 0xb2,
    get_event_index = 0xb4,
};

constexpr std::uint8_t first_byte = 0x17;
constexpr std::uint8_t first_byte_of_662_events = 0x19; ///< firmware 6.62 and later, function 0x20 sent unasked

/// Guards calls that change what must not change by accident.
constexpr std::uint32_t magic_word = 0x55aaaa55;

/// A request with its parameters still zero. `serial` 0: every controller that hears it (get-device only).
Packet make_request(Function function, std::uint32_t serial);

/// The 64 bytes of a reply of that function. Fault::malformed: length, first byte, function, or serial 0.
Result<Packet> read_reply(ByteView bytes, Function function);

/// The same for a datagram sent unasked: function 0x20, first byte 0x17 or 0x19.
Result<Packet> read_event_datagram(ByteView bytes);

std::uint32_t serial_of(const Packet& packet);
std::uint32_t u32_at(const Packet& packet, std::size_t offset);
std::uint16_t u16_at(const Packet& packet, std::size_t offset);
void put_u32_at(Packet& packet, std::size_t offset, std::uint32_t value);
void put_u16_at(Packet& packet, std::size_t offset, std::uint16_t value);

/// What a controller's clock shows; its zone is the site's.
using LocalTime = std::chrono::local_seconds;
using Date = std::chrono::year_month_day;

/// BCD yyyymmddHHMMSS and yyyymmdd. None: a nibble above 9, an impossible date, or the two ways firmware says "no time".
std::optional<LocalTime> date_time_at(const Packet& packet, std::size_t offset);
std::optional<Date> date_at(const Packet& packet, std::size_t offset);
/// Years 2000 to 2099.
void put_date_time_at(Packet& packet, std::size_t offset, LocalTime time);
void put_date_at(Packet& packet, std::size_t offset, Date date);

/// BCD yymmdd at `date_offset` and HHMMSS at `time_offset`, as get-status splits the controller's clock.
std::optional<LocalTime> split_time_at(const Packet& packet, std::size_t date_offset, std::size_t time_offset);

/// "2026-01-15T08:30:12" and "2026-01-15".
std::string to_text(LocalTime time);
std::string to_text(Date date);
std::optional<Date> parse_date(std::string_view text);

using IpAddress = std::array<std::uint8_t, 4>;
IpAddress ip_at(const Packet& packet, std::size_t offset);
void put_ip_at(Packet& packet, std::size_t offset, IpAddress ip);
std::string to_text(IpAddress ip);
/// Dotted decimal; Fault::malformed names the text.
Result<IpAddress> parse_ip(std::string_view text);

/// The answer of calls that say only yes or no.
struct YesNo {
    std::uint32_t serial = 0;
    bool ok = false;
};
Result<YesNo> read_yes_no(ByteView bytes, Function function);

} // namespace gatehouse::drivers::uhppote
