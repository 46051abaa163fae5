// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/plate_text.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::drivers::isapi {

namespace {

using Word = std::pair<std::string_view, std::string_view>;

constexpr std::string_view provinces = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领民武";

// Two characters first, so that a new-energy lorry is not read as a yellow one.
constexpr std::array prefixes{Word{"黄绿", "yellow_green"}, Word{"蓝", "blue"},  Word{"黄", "yellow"},
                              Word{"绿", "green"},          Word{"白", "white"}, Word{"黑", "black"}};

constexpr std::array colours{Word{"blue", "blue"},
                             Word{"yellow", "yellow"},
                             Word{"white", "white"},
                             Word{"black", "black"},
                             Word{"green", "green"},
                             Word{"newenergygreen", "green"},
                             Word{"newenergy", "green"},
                             Word{"newenergyyellowgreen", "yellow_green"},
                             Word{"yellowgreen", "yellow_green"},
                             Word{"other", "other"}};

constexpr std::array vehicles{Word{"vehicle", "car"},
                              Word{"smallcar", "car"},
                              Word{"car", "car"},
                              Word{"saloon", "car"},
                              Word{"suvmpv", "suv_mpv"},
                              Word{"suv", "suv_mpv"},
                              Word{"mpv", "suv_mpv"},
                              Word{"van", "van"},
                              Word{"buggy", "buggy"},
                              Word{"truck", "truck"},
                              Word{"largetruck", "truck"},
                              Word{"midtruck", "truck"},
                              Word{"lighttruck", "light_truck"},
                              Word{"smalltruck", "light_truck"},
                              Word{"pickuptruck", "light_truck"},
                              Word{"largebus", "bus"},
                              Word{"bus", "bus"},
                              Word{"midbus", "bus"},
                              Word{"twowheelvehicle", "two_wheel"},
                              Word{"threewheelvehicle", "three_wheel"},
                              Word{"other", "other"}};

constexpr std::array lists{Word{"allowlist", "allow"},     Word{"whitelist", "allow"}, // wire
                           Word{"blocklist", "block"},     Word{"blacklist", "block"}, // wire
                           Word{"temporary", "temporary"}, Word{"temporarylist", "temporary"}, Word{"otherlist", "other"}, Word{"other", "other"}};

constexpr std::array unread{std::string_view("unknown"), std::string_view("车牌"), std::string_view("无车牌"), std::string_view("noplate"),
                            std::string_view("none")};

template <std::size_t N>
std::string_view looked_up(const std::array<Word, N>& words, std::string_view word, std::string_view otherwise) {
    const auto small = lower(trimmed(word));
    const auto found = std::find_if(words.begin(), words.end(), [&](const Word& row) { return row.first == small; });
    return found == words.end() ? otherwise : found->second;
}

// Every sign is three bytes of UTF-8.
bool starts_with_province(std::string_view text) {
    if (text.size() < 3) return false;
    for (std::size_t at = 0; at < provinces.size(); at += 3)
        if (text.substr(0, 3) == provinces.substr(at, 3)) return true;
    return false;
}

std::string without_marks(std::string_view text) {
    constexpr std::array dots{std::string_view("·"), std::string_view("•"), std::string_view("\xef\xbc\x8e")};
    std::string out;
    while (!text.empty()) {
        const auto dot = std::find_if(dots.begin(), dots.end(), [&](std::string_view mark) { return text.starts_with(mark); });
        if (dot != dots.end()) {
            text.remove_prefix(dot->size());
            continue;
        }
        const char c = text[0];
        const bool mark = c == ' ' || c == '-' || c == '.' || (c >= 0 && c < ' ');
        if (!mark) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        text.remove_prefix(1);
    }
    return out;
}

} // namespace

PlateText read_plate_text(std::string_view text) {
    const auto small = lower(trimmed(text));
    if (std::find(unread.begin(), unread.end(), small) != unread.end()) return {};
    PlateText read{without_marks(text), {}};
    for (const auto& [sign, colour] : prefixes)
        if (read.plate.starts_with(sign) && starts_with_province(std::string_view(read.plate).substr(sign.size()))) {
            read.plate.erase(0, sign.size());
            read.colour = colour;
            break;
        }
    if (read.plate.size() > plate_bytes_max || std::find(unread.begin(), unread.end(), read.plate) != unread.end()) return {};
    return read;
}

std::string_view plate_colour_of(std::string_view device_word) { return looked_up(colours, device_word, "unknown"); }
std::string_view vehicle_kind_of(std::string_view device_word) { return looked_up(vehicles, device_word, "unknown"); }
std::string_view list_of(std::string_view device_word) { return looked_up(lists, device_word, ""); }

} // namespace gatehouse::drivers::isapi
