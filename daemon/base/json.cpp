// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/json.hpp"

#include "daemon/base/text.hpp"

#include <cmath>

namespace gatehouse {

namespace {

// Boost.JSON keeps the last of two equal keys in silence, and what a signature or a check saw may then be the other one. Every member
// is written with one colon outside of strings: fewer kept than written means that a key stood there twice.
std::size_t members_written(std::string_view text) {
    std::size_t colons = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (in_string && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            in_string = !in_string;
        else if (!in_string && text[i] == ':')
            ++colons;
    }
    return colons;
}

struct Kept {
    std::size_t members = 0;
    bool is_finite = true; ///< "1e309" is read as infinity, which is written as what nobody reads again
};

void look_through(const json::value& value, Kept& kept) { // as deep as json_depth_max at most
    if (const auto* object = value.if_object()) {
        kept.members += object->size();
        for (const auto& member : *object) look_through(member.value(), kept);
    } else if (const auto* array = value.if_array()) {
        for (const auto& item : *array) look_through(item, kept);
    } else if (const auto* number = value.if_double()) {
        kept.is_finite = kept.is_finite && std::isfinite(*number);
    }
}

} // namespace

Result<json::value> parse_json(std::string_view text, std::size_t bytes_max) {
    if (text.size() > bytes_max) return Error(Fault::full, "JSON of " + std::to_string(text.size()) + " bytes, at most " + std::to_string(bytes_max));
    if (!is_utf8(text)) return Error(Fault::malformed, "JSON that is not UTF-8");
    json::parse_options options;
    options.max_depth = json_depth_max;
    json::stream_parser parser({}, options);
    boost::system::error_code fault;
    const std::size_t used = parser.write_some(text.data(), text.size(), fault);
    if (!fault && trimmed(text.substr(used)).empty())
        parser.finish(fault);
    else if (!fault)
        fault = json::error::extra_data;
    if (fault) return Error(Fault::malformed, "JSON at byte " + std::to_string(used) + ": " + fault.message());
    json::value value = parser.release();
    Kept kept;
    look_through(value, kept);
    if (members_written(text) != kept.members) return Error(Fault::malformed, "JSON with a doubled key");
    if (!kept.is_finite) return Error(Fault::malformed, "JSON with a number that is too large");
    return value;
}

namespace {

const json::value* member(const json::object& object, std::string_view key) {
    const auto found = object.find(key);
    return found == object.end() || found->value().is_null() ? nullptr : &found->value();
}

} // namespace

std::optional<std::string> text_at(const json::object& object, std::string_view key) {
    const auto* value = member(object, key);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

std::optional<std::int64_t> number_at(const json::object& object, std::string_view key) {
    const auto* value = member(object, key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    boost::system::error_code inexact;
    const auto number = value->to_number<std::int64_t>(inexact);
    if (inexact) return std::nullopt;
    return number;
}

std::optional<double> real_at(const json::object& object, std::string_view key) {
    const auto* value = member(object, key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

std::optional<bool> bool_at(const json::object& object, std::string_view key) {
    const auto* value = member(object, key);
    if (value == nullptr || !value->is_bool()) return std::nullopt;
    return value->get_bool();
}

const json::object* object_at(const json::object& object, std::string_view key) {
    const auto* value = member(object, key);
    return value == nullptr ? nullptr : value->if_object();
}

const json::array* array_at(const json::object& object, std::string_view key) {
    const auto* value = member(object, key);
    return value == nullptr ? nullptr : value->if_array();
}

Result<std::string> need_text(const json::object& object, std::string_view key) {
    if (auto text = text_at(object, key)) return std::move(*text);
    return Error(Fault::malformed, "'" + std::string(key) + "' is missing or no text");
}

Result<std::int64_t> need_number(const json::object& object, std::string_view key) {
    if (const auto number = number_at(object, key)) return *number;
    return Error(Fault::malformed, "'" + std::string(key) + "' is missing or no whole number");
}

} // namespace gatehouse
