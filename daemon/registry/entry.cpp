// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/entry.hpp"

#include "daemon/base/text.hpp"
#include "daemon/registry/place.hpp"
#include "daemon/registry/validity/area.hpp"
#include "daemon/registry/validity/citizen_number.hpp"
#include "daemon/registry/validity/credit_code.hpp"
#include "daemon/registry/validity/phone.hpp"
#include "daemon/registry/validity/plate.hpp"
#include "daemon/registry/validity/reading.hpp"

#include <algorithm>

namespace gatehouse::registry {

namespace {

using validity::Flaw;
using validity::Judged;

/// A day as people type it: 2026/1/5, 2026.1.5, 2026年1月5日, 20260105.
std::string plain_day(std::string_view text) {
    std::string digits, made;
    std::vector<std::string> groups;
    const auto is_word = [](std::string_view word) { return word == "年" || word == "月" || word == "日"; };
    for (std::size_t i = 0; i < text.size();) {
        const auto cut = text[i] == '/' || text[i] == '.' || text[i] == '-' ? 1u : is_word(text.substr(i, 3)) ? 3u : 0u;
        if (cut == 0) digits += text[i++];
        if (cut == 0) continue;
        groups.push_back(std::exchange(digits, {}));
        i += cut;
    }
    if (!digits.empty()) groups.push_back(digits);
    if (groups.size() == 1 && groups[0].size() == 8) groups = {groups[0].substr(0, 4), groups[0].substr(4, 2), groups[0].substr(6, 2)};
    if (groups.size() != 3) return std::string(text);
    for (auto& group : groups) {
        if (group.empty() || group.size() > 4 || !validity::all_digits(group)) return std::string(text);
        made += (made.empty() ? "" : "-") + (group.size() == 1 ? "0" + group : group);
    }
    return made;
}

/// The word of a choice, given as itself or in Chinese.
std::optional<std::string> choice_in(const Field& field, std::string_view text) {
    auto words = field.of, chinese = field.of_zh;
    const auto next = [](std::string_view& list) {
        const auto end = std::min(list.find(' '), list.size());
        const auto word = list.substr(0, end);
        list.remove_prefix(std::min(end + 1, list.size()));
        return word;
    };
    while (!words.empty()) {
        const auto word = next(words), in_chinese = next(chinese);
        if (text == word || (!in_chinese.empty() && text == in_chinese)) return std::string(word);
    }
    return std::nullopt;
}

bool is_clean(std::string_view text) {
    return is_utf8(text) && std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::optional<int> minutes_in(std::string_view text) {
    if (text.size() != 5 || text[2] != ':' || !validity::all_digits(text.substr(0, 2)) || !validity::all_digits(text.substr(3))) return std::nullopt;
    const int minutes = static_cast<int>(*to_number(text.substr(0, 2)) * 60 + *to_number(text.substr(3)));
    return minutes <= 24 * 60 && text[3] < '6' ? std::optional(minutes) : std::nullopt;
}

/// "1-5 08:00-18:00; 6 09:00-12:00"
bool are_spans(std::string_view text) {
    while (!text.empty()) {
        const auto end = std::min(text.find(';'), text.size());
        const auto span = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto blank = span.find(' ');
        if (blank == std::string_view::npos) return false;
        const auto days = span.substr(0, blank), times = trimmed(span.substr(blank));
        const auto is_day = [](char c) { return c >= '1' && c <= '7'; };
        const bool one = days.size() == 1 && is_day(days[0]);
        const bool more = days.size() == 3 && is_day(days[0]) && days[1] == '-' && is_day(days[2]) && days[0] < days[2];
        if ((!one && !more) || times.size() != 11 || times[5] != '-') return false;
        const auto begin = minutes_in(times.substr(0, 5)), over = minutes_in(times.substr(6));
        if (!begin || !over || *begin >= *over) return false;
    }
    return true;
}

template <class T, class Text>
Judged<json::value> as_json(const Judged<T>& judged, Text text) {
    if (!judged) return judged.flaw();
    return json::value(text(*judged));
}

Judged<json::value> judge_flag(const json::value& value) {
    if (value.is_bool()) return json::value(value.get_bool());
    if (!value.is_string()) return Flaw::not_yes_or_no;
    const auto word = lower(std::string_view(value.get_string()));
    for (const auto* yes : {"true", "yes", "1", "是"})
        if (word == yes) return json::value(true);
    for (const auto* no : {"false", "no", "0", "否"})
        if (word == no) return json::value(false);
    return Flaw::not_yes_or_no;
}

Judged<json::value> judge_whole(const Field& field, const json::value& value) {
    std::optional<std::int64_t> number;
    if (value.is_int64()) number = value.get_int64();
    if (value.is_uint64() && value.get_uint64() <= field.most) number = static_cast<std::int64_t>(value.get_uint64());
    if (value.is_string()) number = to_number(std::string_view(value.get_string()));
    if (!number || *number < 1 || *number > field.most) return Flaw::not_a_number;
    return json::value(*number);
}

Judged<json::value> judge_text(const Field& field, std::string_view text, const ReadingRules& rules) {
    const auto itself = [](const std::string& plain) { return plain; };
    switch (field.type) {
    case FieldType::day: return as_json(validity::judge_day(plain_day(text)), itself);
    case FieldType::plate: return as_json(validity::judge_plate(text), [](const validity::Plate& plate) { return plate.text; });
    case FieldType::phone: return as_json(validity::judge_phone(text), itself);
    case FieldType::credit: return as_json(validity::judge_credit_code(text), itself);
    case FieldType::area: return as_json(validity::judge_area(text), itself);
    case FieldType::document: {
        if (!rules.takes_document_numbers) return Flaw::not_asked_for;
        const auto plain = validity::plain_code(text);
        const bool fits = plain.size() >= 5 && std::all_of(plain.begin(), plain.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
        if (!fits) return Flaw::wrong_character;
        return json::value(plain);
    }
    case FieldType::moment: {
        const auto time = parse_time(text);
        if (!time) return Flaw::wrong_date_form;
        return json::value(to_text(*time));
    }
    case FieldType::choice: {
        auto word = choice_in(field, text);
        if (!word) return Flaw::not_a_choice;
        return json::value(std::move(*word));
    }
    case FieldType::reference:
        if (!check_id(text)) return Flaw::unknown_reference;
        break;
    case FieldType::spans:
        if (!are_spans(text)) return Flaw::wrong_date_form;
        break;
    default: break;
    }
    return json::value(text);
}

Judged<json::value> judge(const Field& field, const json::value& value, const ReadingRules& rules) {
    if (field.type == FieldType::flag) return judge_flag(value);
    if (field.type == FieldType::whole) return judge_whole(field, value);
    if (!value.is_string()) return Flaw::not_text;
    const auto text = trimmed(std::string_view(value.get_string()));
    if (text.size() > field.most) return Flaw::too_long;
    if (!is_clean(text)) return Flaw::not_text;
    return judge_text(field, text, rules);
}

bool is_absent(const json::value& value) { return value.is_null() || (value.is_string() && trimmed(std::string_view(value.get_string())).empty()); }

/// A citizen's number says birth and sex: what else the row says must be the same; what it does not say is known from it.
void judge_document(json::object& fields, const ReadingRules& rules, std::vector<FieldFlaw>& flaws) {
    const auto number = text_at(fields, "document_number");
    if (!number) return;
    if (!fields.contains("document_kind")) fields["document_kind"] = "id_card";
    const auto kind = text_at(fields, "document_kind").value_or("");
    if (kind != "id_card" && kind != "residence_permit") return;
    const auto citizen = validity::judge_citizen_number(*number, rules.today);
    if (!citizen) {
        flaws.push_back({"document_number", citizen.flaw()});
        return;
    }
    const std::string sex = citizen->is_male ? "male" : "female";
    if (text_at(fields, "born").value_or(citizen->born) != citizen->born) flaws.push_back({"born", Flaw::contradicts});
    if (text_at(fields, "sex").value_or(sex) != sex) flaws.push_back({"sex", Flaw::contradicts});
}

void judge_span(const json::object& fields, std::vector<FieldFlaw>& flaws) {
    const auto from = text_at(fields, "from"), to = text_at(fields, "to");
    if (!from || !to) return;
    const auto begin = parse_time(from->size() == 10 ? *from + "T00:00:00Z" : *from), end = parse_time(to->size() == 10 ? *to + "T00:00:00Z" : *to);
    if (begin && end && *end < *begin) flaws.push_back({"to", Flaw::end_before_begin});
}

void judge_vehicle(const json::object& fields, std::vector<FieldFlaw>& flaws) {
    const auto plate = text_at(fields, "plate");
    if (!plate) {
        if (!fields.contains("e_bike_plate") && flaws.empty()) flaws.push_back({"plate", Flaw::missing});
        return;
    }
    const auto judged = validity::judge_plate(*plate);
    const auto colour = text_at(fields, "colour_of_plate").value_or("");
    if (judged && !validity::fits_colour(judged->plate_class, colour)) flaws.push_back({"colour_of_plate", Flaw::wrong_plate_class});
}

} // namespace

std::string site_day(Time now) { return to_text(now + std::chrono::hours(8)).substr(0, 10); }

json::object read_fields(const Entity& entity, const json::object& from, const ReadingRules& rules, std::vector<FieldFlaw>& flaws) {
    json::object fields;
    for (const auto& member : from)
        if (field_of(entity, member.key()) == nullptr) flaws.push_back({cut_utf8(member.key(), 64), Flaw::unknown_column});
    for (const auto& field : entity.fields) {
        const auto found = from.find(field.name);
        if (found == from.end() || is_absent(found->value())) {
            if (field.needed) flaws.push_back({std::string(field.name), Flaw::missing});
            continue;
        }
        auto judged = judge(field, found->value(), rules);
        if (!judged) {
            flaws.push_back({std::string(field.name), judged.flaw()});
            continue;
        }
        fields[field.name] = *judged;
    }
    if (const auto born = text_at(fields, "born"); born && *born > rules.today) flaws.push_back({"born", Flaw::date_to_come});
    judge_document(fields, rules, flaws);
    judge_span(fields, flaws);
    if (entity.name == "vehicle") judge_vehicle(fields, flaws);
    return fields;
}

std::string person_of(const Entity& entity, const std::string& id, const json::object& fields) {
    if (entity.about.empty()) return {};
    return entity.about == "id" ? id : text_at(fields, entity.about).value_or("");
}

std::string masked(std::string_view number) {
    if (number.size() < 8) return std::string(number.size(), '*');
    return std::string(number.substr(0, 3)) + std::string(number.size() - 7, '*') + std::string(number.substr(number.size() - 4));
}

json::object to_json(const Entry& entry, bool personal, bool reveals) {
    json::object shown{{"id", entry.id}, {"version", entry.version}, {"valid_from", to_text(entry.valid_from)}};
    if (entry.valid_to) shown["valid_to"] = to_text(*entry.valid_to);
    if (entry.erased) shown["erased"] = true;
    if (!entry.import.empty()) shown["import"] = entry.import;
    for (const auto& field : entry.entity->fields) {
        const auto found = entry.fields.find(field.name);
        if (found == entry.fields.end() || (field.shown != Shown::openly && !personal)) continue;
        const bool hides = field.shown == Shown::masked && !reveals;
        shown[field.name] = hides ? json::value(masked(std::string_view(found->value().get_string()))) : found->value();
    }
    return shown;
}

std::string reference_of(const Entry& entry) { return std::string(entry.entity->name) + ":" + entry.id + "@" + std::to_string(entry.version); }

Result<Reference> parse_reference(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return Error(Fault::malformed, "a reference is CLASS:ID or CLASS:ID@VERSION");
    Reference made;
    made.entity = entity_named(text.substr(0, colon));
    if (made.entity == nullptr) return Error(Fault::malformed, "a reference to no class of the library");
    text.remove_prefix(colon + 1);
    const auto at = text.find('@');
    made.id = std::string(text.substr(0, at));
    if (auto good = check_id(made.id); !good) return std::move(good).error();
    if (at == std::string_view::npos) return made;
    const auto version = to_number(text.substr(at + 1));
    if (!version || *version < 1 || *version > UINT32_MAX) return Error(Fault::malformed, "a reference's version is a number from 1 on");
    made.version = static_cast<std::uint32_t>(*version);
    return made;
}

} // namespace gatehouse::registry
