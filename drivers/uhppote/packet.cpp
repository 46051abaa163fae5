// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/packet.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <cstdio>

namespace gatehouse::drivers::uhppote {

namespace {

using namespace std::chrono;

std::optional<int> bcd_at(const Packet& packet, std::size_t offset, std::size_t bytes) {
    int value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        const int high = packet.at(offset + i) >> 4;
        const int low = packet.at(offset + i) & 0x0f;
        if (high > 9 || low > 9) return std::nullopt;
        value = value * 100 + high * 10 + low;
    }
    return value;
}

void put_bcd_at(Packet& packet, std::size_t offset, std::size_t bytes, int value) {
    for (std::size_t i = bytes; i > 0; --i) {
        const int pair = value % 100;
        packet.at(offset + i - 1) = static_cast<std::uint8_t>(pair / 10 * 16 + pair % 10);
        value /= 100;
    }
}

std::optional<Date> date_of(int number) {
    const Date date = year(number / 10000) / month(static_cast<unsigned>(number / 100 % 100)) / day(static_cast<unsigned>(number % 100));
    if (!date.ok()) return std::nullopt;
    return date;
}

std::optional<LocalTime> time_of(std::optional<Date> date, std::optional<int> clock) {
    if (!date || !clock) return std::nullopt;
    const int hour = *clock / 10000;
    const int minute = *clock / 100 % 100;
    const int second = *clock % 100;
    if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return local_days(*date) + hours(hour) + minutes(minute) + seconds(second);
}

Result<Packet> read_packet(ByteView bytes, Function function, bool sent_unasked) {
    if (bytes.size() != packet_bytes) return Error(Fault::malformed, "a message of " + std::to_string(bytes.size()) + " bytes instead of 64");
    const bool starts_well = bytes[0] == first_byte || (sent_unasked && bytes[0] == first_byte_of_662_events);
    if (!starts_well) return Error(Fault::malformed, "a message that begins with 0x" + to_hex(bytes.subspan(0, 1)));
    if (bytes[1] != static_cast<std::uint8_t>(function)) return Error(Fault::malformed, "a message of function 0x" + to_hex(bytes.subspan(1, 1)));
    Packet packet{};
    std::copy(bytes.begin(), bytes.end(), packet.begin());
    if (serial_of(packet) == 0) return Error(Fault::malformed, "a message from serial 0");
    return packet;
}

} // namespace

Packet make_request(Function function, std::uint32_t serial) {
    Packet packet{};
    packet[0] = first_byte;
    packet[1] = static_cast<std::uint8_t>(function);
    put_u32_at(packet, 4, serial);
    return packet;
}

Result<Packet> read_reply(ByteView bytes, Function function) { return read_packet(bytes, function, false); }
Result<Packet> read_event_datagram(ByteView bytes) { return read_packet(bytes, Function::get_status, true); }

std::uint32_t serial_of(const Packet& packet) { return u32_at(packet, 4); }
std::uint32_t u32_at(const Packet& packet, std::size_t offset) { return u32_le(ByteView(packet).subspan(offset, 4)); }
std::uint16_t u16_at(const Packet& packet, std::size_t offset) { return u16_le(ByteView(packet).subspan(offset, 2)); }
void put_u32_at(Packet& packet, std::size_t offset, std::uint32_t value) { put_u32_le(std::span(packet).subspan(offset, 4), value); }
void put_u16_at(Packet& packet, std::size_t offset, std::uint16_t value) { put_u16_le(std::span(packet).subspan(offset, 2), value); }

std::optional<Date> date_at(const Packet& packet, std::size_t offset) {
    const auto number = bcd_at(packet, offset, 4);
    if (!number) return std::nullopt;
    return date_of(*number);
}

std::optional<LocalTime> date_time_at(const Packet& packet, std::size_t offset) {
    return time_of(date_at(packet, offset), bcd_at(packet, offset + 4, 3));
}

std::optional<LocalTime> split_time_at(const Packet& packet, std::size_t date_offset, std::size_t time_offset) {
    const auto number = bcd_at(packet, date_offset, 3);
    if (!number) return std::nullopt;
    return time_of(date_of(20'000'000 + *number), bcd_at(packet, time_offset, 3));
}

void put_date_at(Packet& packet, std::size_t offset, Date date) {
    const auto month_and_day = static_cast<int>(static_cast<unsigned>(date.month()) * 100 + static_cast<unsigned>(date.day()));
    put_bcd_at(packet, offset, 4, static_cast<int>(date.year()) * 10000 + month_and_day);
}

void put_date_time_at(Packet& packet, std::size_t offset, LocalTime time) {
    const auto midnight = floor<days>(time);
    put_date_at(packet, offset, Date(midnight));
    const hh_mm_ss clock(time - midnight);
    put_bcd_at(packet, offset + 4, 3, static_cast<int>(clock.hours().count() * 10000 + clock.minutes().count() * 100 + clock.seconds().count()));
}

std::string to_text(Date date) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()));
    return text.data();
}

std::string to_text(LocalTime time) {
    const auto midnight = floor<days>(time);
    const hh_mm_ss clock(time - midnight);
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "T%02d:%02d:%02d", static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return to_text(Date(midnight)) + text.data();
}

std::optional<Date> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year_part = to_number(text.substr(0, 4));
    const auto month_part = to_number(text.substr(5, 2));
    const auto day_part = to_number(text.substr(8, 2));
    if (!year_part || !month_part || !day_part || *year_part < 2000 || *year_part > 2099 || *month_part < 0 || *day_part < 0) return std::nullopt;
    return date_of(static_cast<int>(*year_part * 10000 + *month_part * 100 + *day_part));
}

IpAddress ip_at(const Packet& packet, std::size_t offset) {
    return IpAddress{packet.at(offset), packet.at(offset + 1), packet.at(offset + 2), packet.at(offset + 3)};
}

void put_ip_at(Packet& packet, std::size_t offset, IpAddress ip) {
    std::copy(ip.begin(), ip.end(), packet.begin() + static_cast<std::ptrdiff_t>(offset));
}

std::string to_text(IpAddress ip) {
    return std::to_string(ip[0]) + "." + std::to_string(ip[1]) + "." + std::to_string(ip[2]) + "." + std::to_string(ip[3]);
}

Result<IpAddress> parse_ip(std::string_view text) {
    const auto refuse = [whole = std::string(text)] { return Error(Fault::malformed, "'" + whole + "' is not an IPv4 address"); };
    IpAddress ip{};
    for (std::size_t part = 0; part < ip.size(); ++part) {
        const auto end = part + 1 < ip.size() ? text.find('.') : text.size();
        if (end == std::string_view::npos) return refuse();
        const auto number = to_number(text.substr(0, end));
        if (!number || *number < 0 || *number > 255 || end > 3) return refuse();
        ip.at(part) = static_cast<std::uint8_t>(*number);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return ip;
}

Result<YesNo> read_yes_no(ByteView bytes, Function function) {
    const auto packet = read_reply(bytes, function);
    if (!packet) return packet.error();
    return YesNo{.serial = serial_of(*packet), .ok = (*packet)[8] == 1};
}

} // namespace gatehouse::drivers::uhppote
