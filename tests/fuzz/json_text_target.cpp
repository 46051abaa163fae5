// SPDX-License-Identifier: Apache-2.0
//
// daemon/base/json beside Boost.JSON's plain parser: what we take Boost takes, with the same value; what only Boost takes has a doubled
// key, found here by another way, or is no UTF-8.
#include "daemon/base/json.hpp"
#include "daemon/base/text.hpp"
#include "tests/fuzz/json_likeness.hpp"
#include "tests/fuzz/targets.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace gatehouse::fuzz {

namespace {

/// Keeps nothing but the keys of the objects that are open.
struct KeyReader {
    static constexpr std::size_t max_object_size = std::size_t(-1), max_array_size = std::size_t(-1), max_key_size = std::size_t(-1),
                                 max_string_size = std::size_t(-1);
    std::vector<std::set<std::string>> open;
    std::string key;
    bool is_doubled = false;

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code&) { return open.emplace_back(), true; }
    bool on_object_end(std::size_t, json::error_code&) { return open.pop_back(), true; }
    bool on_array_begin(json::error_code&) { return true; }
    bool on_array_end(std::size_t, json::error_code&) { return true; }
    bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return key += std::string_view(part), true; }
    bool on_key(json::string_view last, std::size_t, json::error_code&) {
        key += std::string_view(last);
        if (!open.back().insert(std::move(key)).second) is_doubled = true;
        key.clear();
        return true;
    }
    bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
    bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }
    bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
    bool on_double(double, json::string_view, json::error_code&) { return true; }
    bool on_bool(bool, json::error_code&) { return true; }
    bool on_null(json::error_code&) { return true; }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }
};

bool has_doubled_key(std::string_view text) {
    json::basic_parser<KeyReader> parser{json::parse_options{}};
    json::error_code fault;
    parser.write_some(false, text.data(), text.size(), fault);
    return !fault && parser.handler().is_doubled;
}

std::size_t depth_of(const json::value& value) {
    std::size_t deepest = 0;
    if (const auto* object = value.if_object())
        for (const auto& member : *object) deepest = std::max(deepest, depth_of(member.value()));
    if (const auto* array = value.if_array())
        for (const auto& item : *array) deepest = std::max(deepest, depth_of(item));
    return deepest + (value.is_structured() ? 1 : 0);
}

void read_members(const json::object& object) {
    for (const auto& member : object) {
        const std::string_view key = member.key();
        const auto& value = member.value();
        must_hold(text_at(object, key).has_value() == value.is_string(), "a text is a text");
        must_hold(real_at(object, key).has_value() == value.is_number(), "a number is a number");
        must_hold(bool_at(object, key).has_value() == value.is_bool(), "a truth is a truth");
        if (const auto number = number_at(object, key))
            must_hold(real_at(object, key) == static_cast<double>(*number), "a whole number is the same number");
        must_hold((object_at(object, key) != nullptr) == value.is_object() && (array_at(object, key) != nullptr) == value.is_array(),
                  "what is structured is found");
    }
}

/// No number in it is beyond a double: such a one could be read, but not written again.
bool is_finite(const json::value& value) {
    if (const auto* number = value.if_double()) return std::isfinite(*number);
    if (const auto* array = value.if_array()) return std::all_of(array->begin(), array->end(), is_finite);
    if (const auto* object = value.if_object())
        return std::all_of(object->begin(), object->end(), [](const auto& member) { return is_finite(member.value()); });
    return true;
}

} // namespace

void json_text(std::string_view bytes) {
    const auto ours = parse_json(bytes, 64 * 1024);
    json::error_code fault;
    const auto theirs = json::parse(json::string_view(bytes.data(), bytes.size()), fault);
    if (!ours) {
        must_hold(fault || bytes.size() > 64 * 1024 || !is_utf8(bytes) || has_doubled_key(bytes) || !is_finite(theirs),
                  "what is refused has a reason");
        return;
    }
    must_hold(!fault && *ours == theirs, "both read the same value");
    must_hold(!has_doubled_key(bytes), "no key stands twice");
    must_hold(depth_of(*ours) <= json_depth_max, "no value is deeper than the limit");
    const auto again = parse_json(json::serialize(*ours), 1024 * 1024);
    must_hold(again && is_alike(*again, *ours), "a value is read back as it was");
    if (const auto* object = ours->if_object()) read_members(*object);
}

} // namespace gatehouse::fuzz
