// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/validity/area.hpp"

#include "daemon/registry/validity/reading.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::registry::validity {

namespace {

struct Province {
    std::string_view code, name;
};

// GB/T 2260-2007, table 1; 83 as the residence permits of 2018 use it.
constexpr std::array area_provinces{
    Province{"11", "北京市"},         Province{"12", "天津市"},         Province{"13", "河北省"},           Province{"14", "山西省"},
    Province{"15", "内蒙古自治区"},   Province{"21", "辽宁省"},         Province{"22", "吉林省"},           Province{"23", "黑龙江省"},
    Province{"31", "上海市"},         Province{"32", "江苏省"},         Province{"33", "浙江省"},           Province{"34", "安徽省"},
    Province{"35", "福建省"},         Province{"36", "江西省"},         Province{"37", "山东省"},           Province{"41", "河南省"},
    Province{"42", "湖北省"},         Province{"43", "湖南省"},         Province{"44", "广东省"},           Province{"45", "广西壮族自治区"},
    Province{"46", "海南省"},         Province{"50", "重庆市"},         Province{"51", "四川省"},           Province{"52", "贵州省"},
    Province{"53", "云南省"},         Province{"54", "西藏自治区"},     Province{"61", "陕西省"},           Province{"62", "甘肃省"},
    Province{"63", "青海省"},         Province{"64", "宁夏回族自治区"}, Province{"65", "新疆维吾尔自治区"}, Province{"71", "台湾省"},
    Province{"81", "香港特别行政区"}, Province{"82", "澳门特别行政区"}, Province{"83", "台湾（居住证）"},
};

} // namespace

std::string_view province_of(std::string_view two_digits) {
    const auto found = std::find_if(area_provinces.begin(), area_provinces.end(), [&](const Province& row) { return row.code == two_digits; });
    return found == area_provinces.end() ? std::string_view() : found->name;
}

Judged<std::string> judge_area(std::string_view text) {
    if (text.empty()) return Flaw::missing;
    if (text.size() != 6) return Flaw::wrong_length;
    if (!all_digits(text)) return Flaw::wrong_character;
    if (province_of(text.substr(0, 2)).empty()) return Flaw::unknown_province;
    if (text.substr(2, 2) == "00" && text.substr(4, 2) != "00") return Flaw::wrong_area;
    return std::string(text);
}

} // namespace gatehouse::registry::validity
