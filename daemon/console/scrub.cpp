// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/scrub.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace gatehouse::console {

namespace {

// A member whose name holds one of these keeps its name only.
constexpr std::array secret_words{std::string_view("password"), std::string_view("secret"),   std::string_view("token"),
                                  std::string_view("private"),  std::string_view("username"), std::string_view("subject"),
                                  std::string_view("details"),  std::string_view("keeper"),   std::string_view("phone")};
constexpr std::array settings_words{std::string_view("password"), std::string_view("secret"), std::string_view("token"),
                                    std::string_view("username")};
constexpr std::array subject_starts{std::string_view("card:"), std::string_view("plate:"), std::string_view("person:")};
// The first character of a Chinese plate.
constexpr std::array provinces{std::string_view("京"), std::string_view("津"), std::string_view("冀"), std::string_view("晋"), std::string_view("蒙"),
                               std::string_view("辽"), std::string_view("吉"), std::string_view("黑"), std::string_view("沪"), std::string_view("苏"),
                               std::string_view("浙"), std::string_view("皖"), std::string_view("闽"), std::string_view("赣"), std::string_view("鲁"),
                               std::string_view("豫"), std::string_view("鄂"), std::string_view("湘"), std::string_view("粤"), std::string_view("桂"),
                               std::string_view("琼"), std::string_view("渝"), std::string_view("川"), std::string_view("贵"), std::string_view("云"),
                               std::string_view("藏"), std::string_view("陕"), std::string_view("甘"), std::string_view("青"), std::string_view("宁"),
                               std::string_view("新")};

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_plate_letter(char letter) { return is_digit(letter) || (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z'); }
bool ends_word(char letter) { return letter == ' ' || letter == '"' || letter == '\n' || letter == ',' || letter == ')' || letter == '\''; }

std::size_t run_of(std::string_view text, bool (*fits)(char)) {
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), fits) - text.begin());
}

/// How many bytes at the text's beginning name a person, a vehicle or a card; 0: none.
std::size_t personal_run(std::string_view text) {
    for (const auto start : subject_starts)
        if (text.starts_with(start)) return static_cast<std::size_t>(std::find_if(text.begin(), text.end(), ends_word) - text.begin());
    for (const auto province : provinces) {
        if (!text.starts_with(province)) continue;
        // "浙A12345", as people also write it: "浙A·12345".
        auto rest = text.substr(province.size());
        const auto office = run_of(rest, is_plate_letter);
        std::size_t dot = 0;
        if (office == 1 && rest.substr(1).starts_with("·")) dot = std::string_view("·").size();
        const auto tail = dot > 0 ? run_of(rest.substr(1 + dot), is_plate_letter) : 0;
        if (office + tail >= 5 && office + tail <= 8) return province.size() + office + dot + tail;
    }
    return 0;
}

/// A number as people write it: digits, with single blanks or dashes between them.
struct SpelledNumber {
    std::string digits;
    std::size_t bytes = 0;
};

SpelledNumber spelled_number(std::string_view text) {
    SpelledNumber number;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_between = (text[i] == '-' || text[i] == ' ') && i + 1 < text.size() && is_digit(text[i + 1]);
        if (is_digit(text[i]))
            number.digits.push_back(text[i]);
        else if (!is_between)
            break;
        number.bytes = i + 1;
    }
    return number;
}

/// 18 digits (the last may be X): a resident's document; 11 that begin with 1, also after 86: a mobile phone.
bool is_number_of_person(std::string_view digits, std::string_view after) {
    if (digits.size() == 18) return true;
    if (digits.size() == 17 && !after.empty() && (after[0] == 'X' || after[0] == 'x')) return true;
    if (digits.size() == 13 && digits.starts_with("86")) digits.remove_prefix(2);
    return digits.size() == 11 && digits[0] == '1' && digits[1] >= '3';
}

/// "mqtts://name:word@host" keeps scheme and host.
std::string without_url_users(std::string text) {
    for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
        const auto end = std::min(text.find_first_of("/ \"\n", at + 3), text.size());
        const auto user = text.rfind('@', end);
        if (user != std::string::npos && user > at && user < end) text.replace(at + 3, user - at - 3, scrubbed_text);
    }
    return text;
}

bool has_word(std::string_view name, std::span<const std::string_view> words) {
    const auto small = lower(name);
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return small.find(word) != std::string::npos; });
}

/// In settings: `password = "x"` loses its value; lines that only name a credential keep it.
std::string without_secret_lines(std::string_view text) {
    std::string kept;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto equals = line.find('=');
        const bool is_comment = trimmed(line).starts_with("#");
        const auto key = equals == std::string_view::npos ? std::string_view() : line.substr(0, equals);
        const bool names_only = key.find("_credential") != std::string_view::npos;
        if (!is_comment && !key.empty() && !names_only && has_word(key, settings_words))
            kept += std::string(key) + "= \"" + std::string(scrubbed_text) + "\"";
        else
            kept += line;
        if (!text.empty() || end < line.size()) kept += "\n";
    }
    return kept;
}

} // namespace

std::string scrubbed(std::string_view foreign) {
    const auto whole = without_url_users(without_secret_lines(foreign));
    std::string_view text = whole;
    std::string safe;
    while (!text.empty()) {
        std::size_t run = personal_run(text);
        if (run > 0) {
            safe += scrubbed_text;
        } else if (const auto digits = run_of(text, is_digit); digits > 0) {
            const auto spelled = spelled_number(text);
            const bool is_plain = is_number_of_person(text.substr(0, digits), text.substr(digits));
            const bool is_spelled = is_number_of_person(spelled.digits, text.substr(spelled.bytes));
            run = is_plain || !is_spelled ? digits : spelled.bytes;
            if (is_plain || is_spelled)
                safe += scrubbed_text;
            else
                safe += text.substr(0, digits);
        } else {
            run = 1;
            safe.push_back(text[0]);
        }
        text.remove_prefix(run);
    }
    return safe;
}

void scrub(json::value& value) {
    if (auto* text = value.if_string()) {
        value = scrubbed(std::string_view(text->data(), text->size()));
    } else if (auto* array = value.if_array()) {
        for (auto& item : *array) scrub(item);
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object) {
            if (has_word(member.key(), secret_words))
                member.value() = scrubbed_text;
            else
                scrub(member.value());
        }
    }
}

} // namespace gatehouse::console
