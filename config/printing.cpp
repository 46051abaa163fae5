// SPDX-License-Identifier: Apache-2.0
#include "config/printing.hpp"

#include "config/reading.hpp"
#include "daemon/base/json.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace gatehouse::config {

namespace {

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

std::string list_of(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const auto& text : texts) out += (out.size() == 1 ? "" : ", ") + in_quotes(text);
    return out + "]";
}

std::string number(double value) {
    std::ostringstream out;
    out << std::setprecision(10) << value;
    std::string text = std::move(out).str();
    return text.find_first_of(".e") == text.npos ? text + ".0" : text;
}

std::string_view word_at(std::string_view choices, std::size_t index) {
    for (; index > 0; --index) choices.remove_prefix(std::min(choices.find(' ') + 1, choices.size()));
    return choices.substr(0, choices.find(' '));
}

/// As TOML writes it; empty: unset.
std::string value_of(const Row& row, const Ref& at) {
    switch (row.type) {
    case Type::text: return in_quotes(*std::get<std::string*>(at));
    case Type::whole: return std::to_string(*std::get<std::int64_t*>(at));
    case Type::real: {
        const auto& value = *std::get<std::optional<double>*>(at);
        return value ? number(*value) : std::string();
    }
    case Type::truth: return *std::get<bool*>(at) ? "true" : "false";
    case Type::choice: return in_quotes(word_at(row.choices, *std::get<std::uint8_t*>(at)));
    case Type::texts: return list_of(*std::get<std::vector<std::string>*>(at));
    case Type::position: {
        const auto& value = *std::get<std::optional<std::int64_t>*>(at);
        return value ? std::to_string(*value) : std::string("\"head\"");
    }
    case Type::pairs: {
        std::string out;
        for (const auto& [key, value] : *std::get<std::map<std::string, std::string>*>(at))
            out += (out.empty() ? "{ " : ", ") + key + " = " + in_quotes(value);
        return out.empty() ? out : out + " }";
    }
    case Type::tables: break;
    }
    return {};
}

/// "64 to 1024 MiB; one of …": what else there is to know, in one language.
std::string bounds(const Row& row, Language language) {
    const bool is_zh = language == Language::zh;
    std::string out;
    if (row.type == Type::whole || row.type == Type::real) {
        out = std::to_string(row.min) + (is_zh ? " 至 " : " to ") + std::to_string(row.max);
        if (!row.unit.empty()) out += " " + std::string(row.unit);
    } else if (row.type == Type::choice) {
        std::string words(row.choices);
        for (auto at = words.find(' '); at != words.npos; at = words.find(' ', at + 3)) words.replace(at, 1, " | ");
        out = words;
    } else if (row.type == Type::texts || row.type == Type::pairs) {
        out = (is_zh ? "最多 " : "at most ") + std::to_string(row.max);
    }
    return out.empty() ? out : (is_zh ? "（" + out + "）" : " (" + out + ")");
}

std::string comment(const Row& row, Language language) { return "# " + row.meaning.in(language) + bounds(row, language) + "\n"; }

std::string last_name(std::string_view key) { return std::string(key.substr(key.rfind('.') == key.npos ? 0 : key.rfind('.') + 1)); }

/// "upstream[].entitlement[].basis.document" stands under [upstream.entitlement.basis].
std::string heading_of(std::string_view key) {
    const auto dot = key.rfind('.');
    std::string name(dot == key.npos ? std::string_view() : key.substr(0, dot));
    const bool is_item = name.ends_with("[]");
    for (auto at = name.find("[]"); at != name.npos; at = name.find("[]")) name.erase(at, 2);
    if (name.empty()) return {};
    return is_item ? "[[" + name + "]]" : "[" + name + "]";
}

class Defaults {
public:
    std::string print(std::span<const Row> rows) {
        for (const Row& row : rows) {
            if (row.type == Type::tables) {
                // Its heading comes with the first key below it; what the table is for is said there.
                meanings_[heading_of(row.key + "[].x")] = &row;
                continue;
            }
            heading(row);
            key(row);
        }
        return std::move(out_);
    }

private:
    static bool in_tables(const Row& row) { return row.key.find("[]") != row.key.npos; }

    void heading(const Row& row) {
        const std::string text = heading_of(row.key);
        if (text == heading_) return;
        heading_ = text;
        out_ += "\n";
        if (const auto meant = meanings_.find(text); meant != meanings_.end()) {
            const std::string most = std::to_string(meant->second->max);
            out_ += "# " + meant->second->meaning.zh + "（最多 " + most + " 个）\n# " + meant->second->meaning.en + " (at most " + most + ")\n";
        }
        out_ += (in_tables(row) ? "#" : "") + text + "\n";
    }

    void key(const Row& row) {
        out_ += comment(row, Language::zh) + comment(row, Language::en);
        const bool is_example = in_tables(row) || row.must() || row.initial.empty();
        const std::string value(row.example().empty() ? "…" : row.example());
        out_ += (is_example ? "#" : "") + last_name(row.key) + " = " + value;
        if (row.must()) out_ += "  # 必填 must be set";
        out_ += "\n";
    }

    std::string out_;
    std::string heading_;
    std::map<std::string, const Row*> meanings_;
};

class Values {
public:
    Values(std::span<const Row> rows, Language language) : rows_(rows), language_(language) {}

    std::string print(void* object) {
        scope({}, object, {});
        return std::move(out_);
    }

private:
    void scope(const std::string& prefix, void* object, const std::string& head) {
        std::string last_heading = head;
        if (!head.empty()) out_ += "\n" + head + "\n";
        for (const Row& row : rows_) {
            const auto rest = below(row.key, prefix);
            if (!rest) continue;
            if (row.type == Type::tables) {
                for (std::size_t at = 0; void* item = row.nth(object, at); ++at) scope(row.key + "[].", item, heading_of(row.key + "[].x"));
                last_heading.clear();
                continue;
            }
            const std::string value = value_of(row, row.reach(object));
            // A table that was not given (a basis) is not printed as one full of nothing.
            const bool is_absent = row.must_with_its_table() && (value == "\"\"" || value == "\"none\"");
            if (value.empty() || is_absent) continue;
            if (const auto text = heading_of(row.key); text != last_heading) {
                out_ += "\n" + text + "\n";
                last_heading = text;
            }
            out_ += comment(row, language_) + last_name(row.key) + " = " + value;
            if (value != row.initial) out_ += language_ == Language::zh ? "  # 已改" : "  # set";
            out_ += "\n";
        }
    }

    std::span<const Row> rows_;
    Language language_;
    std::string out_;
};

json::object schema_of_value(const Row& row) {
    json::object out;
    switch (row.type) {
    case Type::text:
        out["type"] = "string";
        out["maxLength"] = row.max;
        if (!row.format->pattern.empty()) out["pattern"] = row.format->pattern;
        break;
    case Type::whole:
    case Type::real:
        out["type"] = row.type == Type::whole ? "integer" : "number";
        out["minimum"] = row.min;
        out["maximum"] = row.max;
        break;
    case Type::truth: out["type"] = "boolean"; break;
    case Type::choice: {
        json::array words;
        for (std::string_view rest = row.choices; !rest.empty();
             rest.remove_prefix(std::min(rest.find(' ') == rest.npos ? rest.size() : rest.find(' ') + 1, rest.size())))
            words.emplace_back(rest.substr(0, rest.find(' ')));
        out["enum"] = std::move(words);
        break;
    }
    case Type::texts: {
        json::object item;
        item["type"] = "string";
        if (!row.format->pattern.empty()) item["pattern"] = row.format->pattern;
        out["type"] = "array";
        out["maxItems"] = row.max;
        out["items"] = std::move(item);
        break;
    }
    case Type::position: {
        json::object head, number;
        head["const"] = "head";
        number["type"] = "integer";
        number["minimum"] = 1;
        out["oneOf"] = json::array{std::move(head), std::move(number)};
        break;
    }
    case Type::pairs: {
        json::object item;
        item["type"] = "string";
        out["type"] = "object";
        out["maxProperties"] = row.max;
        out["additionalProperties"] = std::move(item);
        break;
    }
    case Type::tables:
        out["type"] = "array";
        out["maxItems"] = row.max;
        break;
    }
    out["title"] = row.meaning.zh;
    out["description"] = row.meaning.en + (row.unit.empty() ? "" : " Unit: " + std::string(row.unit) + ".");
    return out;
}

json::object schema_of(std::span<const Row> rows, const std::string& prefix) {
    json::object properties;
    json::array required;
    for (const Row& row : rows) {
        if (!row.key.starts_with(prefix)) continue;
        const std::string rest = row.key.substr(prefix.size());
        const auto dot = rest.find('.');
        const std::string name = rest.substr(0, dot);
        if (name.ends_with("[]")) continue; // the row of the [[table]] itself has brought them
        if (dot == rest.npos) {
            json::object value = schema_of_value(row);
            if (row.type == Type::tables) value["items"] = schema_of(rows, row.key + "[].");
            properties[name] = std::move(value);
            if (row.must() || row.must_with_its_table()) required.emplace_back(name);
        } else {
            if (!properties.contains(name)) properties[name] = schema_of(rows, prefix + name + ".");
            const bool is_new = std::none_of(required.begin(), required.end(), [&](const json::value& known) { return known == json::value(name); });
            if (row.must() && is_new && below(row.key, prefix)) required.emplace_back(name);
        }
    }
    json::object out;
    out["type"] = "object";
    out["additionalProperties"] = false;
    out["properties"] = std::move(properties);
    if (!required.empty()) out["required"] = std::move(required);
    return out;
}

} // namespace

std::string print_defaults(std::span<const Row> rows, const Words& heading) {
    return "# SPDX-License-Identifier: Apache-2.0\n#\n# " + heading.zh + "\n# " + heading.en + "\n" + Defaults().print(rows);
}

std::string print_values(std::span<const Row> rows, const void* object, Language language) {
    // Rows reach for writing; printing only looks.
    return Values(rows, language).print(const_cast<void*>(object));
}

std::string print_schema(std::span<const Row> rows, std::string_view id, const Words& title) {
    json::object out;
    out["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    out["$id"] = id;
    out["title"] = title.zh;
    out["description"] = title.en;
    for (auto& [key, value] : schema_of(rows, {})) out[key] = std::move(value);
    return json::serialize(out);
}

} // namespace gatehouse::config
