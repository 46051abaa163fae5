// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/rtsp/units.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace gatehouse::simulators::cameras {
namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";

bool same_word(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// Where a header's line begins and ends (with its line end); npos where there is none.
std::pair<std::size_t, std::size_t> header_line(std::string_view message, std::string_view name) {
    const std::size_t head_end = message.find(end_of_head);
    for (std::size_t at = message.find("\r\n"); at < head_end; at = message.find("\r\n", at + 2)) {
        const std::size_t begin = at + 2, end = message.find("\r\n", begin);
        if (end == std::string_view::npos) break;
        const std::string_view line = message.substr(begin, end - begin);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && same_word(line.substr(0, colon), name)) return {begin, end + 2};
    }
    return {std::string_view::npos, std::string_view::npos};
}

std::uint32_t be32(const char* bytes) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

void put_be32(char* bytes, std::uint32_t value) {
    for (int i = 3; i >= 0; --i, value >>= 8) bytes[i] = static_cast<char>(value & 0xff);
}

} // namespace

bool Units::feed(std::string_view bytes, std::vector<Unit>& out) {
    rest_ += bytes;
    std::size_t at = 0;
    while (at < rest_.size()) {
        const std::string_view left = std::string_view(rest_).substr(at);
        std::size_t size = 0;
        const bool is_packet = left.front() == '$';
        if (is_packet) {
            if (left.size() < 4) break;
            size = 4 + static_cast<std::size_t>(static_cast<unsigned char>(left[2])) * 256 + static_cast<unsigned char>(left[3]);
        } else {
            const std::size_t head = left.find(end_of_head);
            if (head == std::string_view::npos) {
                if (left.size() > message_bytes_max) return false;
                break;
            }
            size = head + end_of_head.size();
            const std::string length = header(left, "Content-Length");
            std::size_t more = 0;
            std::from_chars(length.data(), length.data() + length.size(), more);
            if (more > message_bytes_max) return false;
            size += more;
        }
        if (left.size() < size) break;
        out.push_back(
            {.bytes = std::string(left.substr(0, size)), .is_packet = is_packet, .channel = is_packet ? static_cast<unsigned char>(left[1]) : 0});
        at += size;
    }
    rest_.erase(0, at);
    return true;
}

std::string header(std::string_view message, std::string_view name) {
    const auto [begin, end] = header_line(message, name);
    if (begin == std::string_view::npos) return {};
    std::string_view value = message.substr(begin, end - begin - 2);
    value.remove_prefix(value.find(':') + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    return std::string(value);
}

std::string with_header(std::string_view message, std::string_view name, std::string_view value) {
    const auto [begin, end] = header_line(message, name);
    const std::string line = value.empty() ? std::string() : std::string(name) + ": " + std::string(value) + "\r\n";
    if (begin != std::string_view::npos) return std::string(message.substr(0, begin)) + line + std::string(message.substr(end));
    const std::size_t head_end = message.find(end_of_head);
    return std::string(message.substr(0, head_end + 2)) + line + std::string(message.substr(head_end + 2));
}

std::string_view body(std::string_view message) {
    const std::size_t head_end = message.find(end_of_head);
    return head_end == std::string_view::npos ? std::string_view() : message.substr(head_end + end_of_head.size());
}

std::string with_body(std::string_view message, std::string_view text) {
    const std::string sized = with_header(message, "Content-Length", std::to_string(text.size()));
    return sized.substr(0, sized.find(end_of_head) + end_of_head.size()) + std::string(text);
}

std::optional<Pair> transport_pair(std::string_view transport, std::string_view name) {
    const std::string key = std::string(name) + "=";
    const std::size_t at = transport.find(key);
    if (at == std::string_view::npos) return std::nullopt;
    const char* const end = transport.data() + transport.size();
    Pair pair;
    auto [rest, error] = std::from_chars(transport.data() + at + key.size(), end, pair.first);
    if (error != std::errc()) return std::nullopt;
    pair.second = pair.first + 1;
    if (rest != end && *rest == '-') std::from_chars(rest + 1, end, pair.second);
    return pair;
}

bool has_marker(std::string_view packet) { return packet.size() >= 12 && (static_cast<unsigned char>(packet[1]) & 0x80) != 0; }

std::uint32_t rtp_time(std::string_view packet) { return packet.size() >= 12 ? be32(packet.data() + 4) : 0; }

void move_rtp_time(char* packet, std::size_t size, std::uint32_t by) {
    if (size >= 12) put_be32(packet + 4, be32(packet + 4) + by);
}

namespace {

// Each sender report of a compound packet, from its wall clock on: 12 bytes.
template <typename Change>
void change_reports(char* packet, std::size_t size, const Change& change) {
    constexpr unsigned char sender_report = 200;
    for (std::size_t at = 0; at + 20 <= size;) {
        const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(packet[at + i])); };
        if (byte(1) == sender_report) change(packet + at + 8);
        at += 4 * (1 + byte(2) * 256 + byte(3));
    }
}

} // namespace

// Seconds since 1900 and their fraction, 32 bits each, then the RTP time (RFC 3550, 6.4.1).
void move_report_clock(char* packet, std::size_t size, std::chrono::microseconds by) {
    if (by == std::chrono::microseconds::zero()) return;
    change_reports(packet, size, [by](char* clock) {
        const std::uint64_t seconds = be32(clock), fraction = be32(clock + 4);
        const auto micros = static_cast<std::int64_t>(seconds * 1'000'000 + (fraction * 1'000'000 >> 32)) + by.count();
        put_be32(clock, static_cast<std::uint32_t>(micros / 1'000'000));
        put_be32(clock + 4, static_cast<std::uint32_t>((static_cast<std::uint64_t>(micros % 1'000'000) << 32) / 1'000'000));
    });
}

void move_report_rtp_time(char* packet, std::size_t size, std::uint32_t by) {
    change_reports(packet, size, [by](char* clock) { put_be32(clock + 8, be32(clock + 8) + by); });
}

} // namespace gatehouse::simulators::cameras
