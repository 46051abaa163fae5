// SPDX-License-Identifier: Apache-2.0
#include "sync/printing.hpp"

#include "daemon/base/expects.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::sync {

namespace {

constexpr std::size_t line_bytes_max = 120;

void put_pretty(std::string& out, const json::value& value, std::size_t depth) {
    const auto flat = json::serialize(value);
    const bool is_deep = (value.is_object() && !value.get_object().empty()) || (value.is_array() && !value.get_array().empty());
    if (!is_deep || flat.size() + 2 * depth <= line_bytes_max) {
        out += flat;
        return;
    }
    const std::string indent(2 * (depth + 1), ' ');
    bool first = true;
    const auto next = [&] {
        out += first ? "\n" : ",\n";
        out += indent;
        first = false;
    };
    out += value.is_object() ? '{' : '[';
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            next();
            out += json::serialize(json::value(member.key())) + ": ";
            put_pretty(out, member.value(), depth + 1);
        }
    } else {
        for (const auto& item : value.get_array()) {
            next();
            put_pretty(out, item, depth + 1);
        }
    }
    out += "\n" + std::string(2 * depth, ' ');
    out += value.is_object() ? '}' : ']';
}

// What YAML 1.1 and 1.2 between them take for a truth or for nothing.
constexpr std::array taken_words{std::string_view("true"), std::string_view("false"), std::string_view("null"),
                                 std::string_view("yes"),  std::string_view("no"),    std::string_view("on"),
                                 std::string_view("off"),  std::string_view("y"),     std::string_view("n")};

bool is_plain(std::string_view text) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80; };
    const auto goes_on = [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || std::string_view(" _.,/()'+-").find(c) != std::string_view::npos;
    };
    return !text.empty() && (is_letter(text.front()) || text == "$ref") && text.back() != ' ' && std::all_of(text.begin() + 1, text.end(), goes_on) &&
           std::find(taken_words.begin(), taken_words.end(), text) == taken_words.end();
}

std::string scalar(std::string_view text) { return is_plain(text) ? std::string(text) : json::serialize(json::value(text)); }

void put_yaml(std::string& out, const json::value& value, std::size_t depth);

void put_text(std::string& out, std::string_view text, std::size_t depth) {
    if (text.find('\n') == std::string_view::npos) {
        out += ' ' + scalar(text) + '\n';
        return;
    }
    expects(text.back() == '\n' && text.front() != ' ', "a literal block ends with its newline");
    out += " |\n";
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end > 0) out += std::string(2 * depth, ' ');
        out += text.substr(0, end + 1);
        text.remove_prefix(end + 1);
    }
}

void put_members(std::string& out, const json::object& object, std::size_t depth, bool goes_on_after_dash) {
    for (const auto& member : object) {
        if (!goes_on_after_dash) out += std::string(2 * depth, ' ');
        goes_on_after_dash = false;
        out += scalar(member.key()) + ':';
        put_yaml(out, member.value(), depth + 1);
    }
}

// After "key:" or "-", on the same line or on those below.
void put_yaml(std::string& out, const json::value& value, std::size_t depth) {
    if (const auto* text = value.if_string()) {
        put_text(out, *text, depth);
    } else if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
        out += '\n';
        put_members(out, *object, depth, false);
    } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
        out += '\n';
        for (const auto& item : *array) {
            out += std::string(2 * depth, ' ') + '-';
            if (const auto* members = item.if_object(); members != nullptr && !members->empty()) {
                out += ' ';
                put_members(out, *members, depth + 1, true);
            } else {
                put_yaml(out, item, depth + 1);
            }
        }
    } else {
        out += ' ' + json::serialize(value) + '\n';
    }
}

} // namespace

std::string to_pretty(const json::value& value) {
    std::string out;
    put_pretty(out, value, 0);
    return out + "\n";
}

std::string to_yaml(const json::object& tree) {
    std::string out;
    put_members(out, tree, 0, false);
    return out;
}

} // namespace gatehouse::sync
