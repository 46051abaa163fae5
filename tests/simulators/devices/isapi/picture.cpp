// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/isapi/picture.hpp"

#include <algorithm>
#include <string_view>

namespace gatehouse::simulators::isapi {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::size_t segment_payload_bytes_max = 65533;

void add_comment(std::string& out, std::string_view payload) {
    auto bytes = payload.size() + 2;
    out += "\xFF\xFE"sv;
    out += static_cast<char>(bytes >> 8);
    out += static_cast<char>(bytes & 0xFF);
    out += payload;
}

} // namespace

std::string make_picture(std::uint64_t seed, std::size_t bytes) {
    bytes = std::max(bytes, picture_bytes_min);
    std::string out = "\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"s.substr(0, 20);
    std::string tail = "\xFF\xDB\x00\x43\x00"s;
    tail.append(64, '\x01');
    tail += "\xFF\xC0\x00\x0B\x08\x00\x10\x00\x10\x01\x01\x11\x00"sv; // one component, 16 x 16
    // DC codes: '0' = difference 0, '10' = a six-bit difference. AC codes: '0' = end of block.
    tail += "\xFF\xC4\x00\x15\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x06"sv;
    tail += "\xFF\xC4\x00\x14\x10\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"sv;
    tail += "\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00"sv;
    // First block: '10', six bits of grey, '0'; three more blocks of '0' '0'; ones to fill.
    auto grey = static_cast<unsigned>(32 + seed % 31); // top bit set: a positive difference; never six ones
    unsigned bits = (0b10U << 14) | (grey << 8) | 1U;
    tail += static_cast<char>(bits >> 8);
    tail += static_cast<char>(bits & 0xFF);
    tail += "\xFF\xD9"sv;

    std::string note = "seed " + std::to_string(seed) + "\r\n--boundary\r\n--MIME_boundary\r\nContent-Type: text/plain\r\n\r\n";
    add_comment(out, note);
    while (out.size() + tail.size() + 5 <= bytes) {
        auto room = std::min(bytes - out.size() - tail.size() - 4, segment_payload_bytes_max);
        std::string fill(room, '\0');
        for (std::size_t i = 0; i < room; ++i) fill[i] = static_cast<char>('a' + (i * 7 + seed) % 26);
        add_comment(out, fill);
    }
    return out + tail;
}

} // namespace gatehouse::simulators::isapi
