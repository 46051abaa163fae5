// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/validity/flaw.hpp"

#include <array>

namespace gatehouse::registry::validity {

namespace {

struct FlawRow {
    Flaw flaw;
    std::string_view name, zh, en;
};

constexpr std::array rows{
    FlawRow{Flaw::none, "none", "无误", "nothing is wrong"},
    FlawRow{Flaw::missing, "missing", "必填，未填写", "must be filled in"},
    FlawRow{Flaw::too_long, "too_long", "内容过长", "too long"},
    FlawRow{Flaw::not_text, "not_text", "含有无法识别的字符", "holds characters that are no text"},
    FlawRow{Flaw::wrong_length, "wrong_length", "位数不对", "has the wrong number of characters"},
    FlawRow{Flaw::wrong_character, "wrong_character", "含有不允许的字符", "holds a character that does not belong there"},
    FlawRow{Flaw::wrong_check_digit, "wrong_check_digit", "校验位不对，请对照证件重新录入", "the check digit does not fit: read the document again"},
    FlawRow{Flaw::unknown_province, "unknown_province", "前两位不是省级行政区划代码", "the first two digits are no province"},
    FlawRow{Flaw::wrong_area, "wrong_area", "行政区划代码不成立", "is no area code: a county without its prefecture"},
    FlawRow{Flaw::impossible_date, "impossible_date", "没有这一天", "there is no such day"},
    FlawRow{Flaw::date_to_come, "date_to_come", "日期在今天之后", "the day is yet to come"},
    FlawRow{Flaw::end_before_begin, "end_before_begin", "结束早于开始", "ends before it begins"},
    FlawRow{Flaw::wrong_date_form, "wrong_date_form", "日期应写成 2026-01-15", "a day is written 2026-01-15"},
    FlawRow{Flaw::not_a_plate, "not_a_plate", "不是有效的机动车号牌", "is no number plate"},
    FlawRow{Flaw::wrong_plate_class, "wrong_plate_class", "号牌与所选号牌种类不符", "is not of the plate class that was said"},
    FlawRow{Flaw::not_a_phone, "not_a_phone", "不是有效的电话号码", "is no phone number"},
    FlawRow{Flaw::not_a_choice, "not_a_choice", "不在可选范围内", "is none of the words that may stand there"},
    FlawRow{Flaw::not_a_number, "not_a_number", "应为范围内的整数", "a whole number within bounds was expected"},
    FlawRow{Flaw::not_yes_or_no, "not_yes_or_no", "应为“是”或“否”", "yes or no was expected"},
    FlawRow{Flaw::unknown_reference, "unknown_reference", "所指对象未登记", "names something that is not registered"},
    FlawRow{Flaw::taken, "taken", "已被另一条登记使用", "is registered already"},
    FlawRow{Flaw::doubled, "doubled", "与本表前面的行重复", "stands in this table before"},
    FlawRow{Flaw::unknown_column, "unknown_column", "没有这一列", "there is no such column"},
    FlawRow{Flaw::not_asked_for, "not_asked_for", "未开启证件号码登记，不得录入", "document numbers are not asked for here"},
    FlawRow{Flaw::contradicts, "contradicts", "与同一行的其他内容矛盾", "does not fit another field of this row"},
};

constexpr bool are_in_order() {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (static_cast<std::size_t>(rows[i].flaw) != i) return false;
    return true;
}
static_assert(are_in_order() && rows.size() == static_cast<std::size_t>(Flaw::contradicts) + 1);

} // namespace

std::string_view name_of(Flaw flaw) { return rows.at(static_cast<std::size_t>(flaw)).name; }
std::string_view in_chinese(Flaw flaw) { return rows.at(static_cast<std::size_t>(flaw)).zh; }
std::string_view in_english(Flaw flaw) { return rows.at(static_cast<std::size_t>(flaw)).en; }

} // namespace gatehouse::registry::validity
