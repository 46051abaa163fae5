// SPDX-License-Identifier: Apache-2.0
//
// A plate as a Chinese camera writes it: the colour's character before the plate (蓝沪A7F3K2), and words for "none read". Source:
// captures of DS-TCG405-E and iDS-2CD9396, province signs of GA 36.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::drivers::isapi {

constexpr std::size_t plate_bytes_max = 32;

struct PlateText {
    std::string plate;  ///< without colour, blanks and dots; empty: nothing was read
    std::string colour; ///< our term from the prefix ("blue"), or empty
};

/// Strips the colour only before another province sign: 黑A12345 is a plate of Heilongjiang, 黑沪A12345 a black one of Shanghai.
PlateText read_plate_text(std::string_view text);

/// Our terms for the camera's words; "unknown" for words we don't know.
std::string_view plate_colour_of(std::string_view device_word);
std::string_view vehicle_kind_of(std::string_view device_word);
/// "allow", "block", "temporary", "other", or empty.
std::string_view list_of(std::string_view device_word);

} // namespace gatehouse::drivers::isapi
