// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sync/contract/json_schema.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::golden {

namespace json = boost::json;

namespace {

constexpr std::array keywords{std::string_view("$ref"), std::string_view("type"), std::string_view("const"), std::string_view("enum"),
                              std::string_view("pattern"), std::string_view("minLength"), std::string_view("maxLength"), std::string_view("minimum"),
                              std::string_view("maximum"), std::string_view("properties"), std::string_view("required"),
                              std::string_view("additionalProperties"), std::string_view("items"), std::string_view("minItems"),
                              std::string_view("maxItems"), std::string_view("allOf"), std::string_view("anyOf"), std::string_view("oneOf"),
                              std::string_view("if"), std::string_view("then"), std::string_view("else"),
                              // What says something and asks for nothing.
                              std::string_view("title"), std::string_view("description"), std::string_view("format"),
                              std::string_view("contentEncoding"), std::string_view("x-codes"), std::string_view("x-personal")};

bool is_known(std::string_view keyword) { return std::find(keywords.begin(), keywords.end(), keyword) != keywords.end(); }

bool is_of_type(const json::value& instance, std::string_view type) {
    if (type == "object") return instance.is_object();
    if (type == "array") return instance.is_array();
    if (type == "string") return instance.is_string();
    if (type == "boolean") return instance.is_bool();
    if (type == "number") return instance.is_number();
    if (type == "integer") return instance.is_int64() || instance.is_uint64();
    return false;
}

std::size_t characters_in(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool is_true(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

} // namespace

bool JsonSchema::defines(std::string_view definition) const { return file_.at("definitions").as_object().contains(definition); }

std::vector<std::string> JsonSchema::faults(const json::value& instance, std::string_view definition) const {
    Faults faults;
    const auto* schema = target_of("#/definitions/" + std::string(definition));
    if (schema == nullptr) return {"no definition " + std::string(definition)};
    check(instance, *schema, "", faults);
    return faults;
}

const json::value* JsonSchema::target_of(std::string_view reference) const {
    constexpr std::string_view head = "#/definitions/";
    if (!reference.starts_with(head)) return nullptr;
    return file_.at("definitions").as_object().if_contains(reference.substr(head.size()));
}

const std::regex& JsonSchema::pattern(const std::string& text) const {
    auto found = patterns_.find(text);
    if (found == patterns_.end()) found = patterns_.emplace(text, std::regex(text, std::regex::ECMAScript | std::regex::optimize)).first;
    return found->second;
}

bool JsonSchema::fits(const json::value& instance, const json::value& schema) const {
    Faults faults;
    check(instance, schema, "", faults);
    return faults.empty();
}

void JsonSchema::check(const json::value& instance, const json::value& schema, const std::string& at, Faults& faults) const {
    if (schema.is_bool()) {
        if (!schema.get_bool()) faults.push_back(at + ": must not be here");
        return;
    }
    const auto& rules = schema.as_object();
    if (const auto* reference = rules.if_contains("$ref")) {
        const auto* target = target_of(reference->as_string());
        if (target == nullptr)
            faults.push_back(at + ": " + std::string(reference->as_string()) + " leads nowhere");
        else
            check(instance, *target, at, faults);
        return; // draft 7: nothing counts beside $ref
    }
    check_scalar(instance, rules, at, faults);
    if (const auto* object = instance.if_object()) check_object(*object, rules, at, faults);
    if (const auto* array = instance.if_array()) check_array(*array, rules, at, faults);
    check_combined(instance, rules, at, faults);
}

void JsonSchema::check_scalar(const json::value& instance, const json::object& schema, const std::string& at, Faults& faults) const {
    const auto wrong = [&](const std::string& what) { faults.push_back(at + ": " + what); };
    if (const auto* type = schema.if_contains("type"); type != nullptr && !is_of_type(instance, type->as_string()))
        wrong("is no " + std::string(type->as_string()));
    if (const auto* only = schema.if_contains("const"); only != nullptr && instance != *only) wrong("is not " + json::serialize(*only));
    if (const auto* list = schema.if_contains("enum")) {
        const auto& values = list->as_array();
        if (std::find(values.begin(), values.end(), instance) == values.end()) wrong("is none of " + json::serialize(*list));
    }
    if (const auto* text = instance.if_string()) {
        if (const auto* rule = schema.if_contains("pattern");
            rule != nullptr && !std::regex_search(std::string(*text), pattern(std::string(rule->as_string()))))
            wrong("does not match " + std::string(rule->as_string()));
        const auto length = characters_in(*text);
        if (const auto* most = schema.if_contains("maxLength"); most != nullptr && length > most->to_number<std::size_t>()) wrong("too long");
        if (const auto* least = schema.if_contains("minLength"); least != nullptr && length < least->to_number<std::size_t>()) wrong("too short");
    }
    if (instance.is_number()) {
        const auto number = instance.to_number<double>();
        if (const auto* least = schema.if_contains("minimum"); least != nullptr && number < least->to_number<double>()) wrong("too small");
        if (const auto* most = schema.if_contains("maximum"); most != nullptr && number > most->to_number<double>()) wrong("too large");
    }
}

void JsonSchema::check_object(const json::object& instance, const json::object& schema, const std::string& at, Faults& faults) const {
    if (const auto* required = schema.if_contains("required"))
        for (const auto& name : required->as_array())
            if (!instance.contains(name.as_string())) faults.push_back(at + ": lacks " + std::string(name.as_string()));
    const auto* properties = schema.if_contains("properties");
    const auto* others = schema.if_contains("additionalProperties");
    for (const auto& member : instance) {
        const auto place = at + "/" + std::string(member.key());
        const auto* known = properties == nullptr ? nullptr : properties->as_object().if_contains(member.key());
        if (known != nullptr)
            check(member.value(), *known, place, faults);
        else if (others != nullptr)
            check(member.value(), *others, place, faults);
    }
}

void JsonSchema::check_array(const json::array& instance, const json::object& schema, const std::string& at, Faults& faults) const {
    if (const auto* least = schema.if_contains("minItems"); least != nullptr && instance.size() < least->to_number<std::size_t>())
        faults.push_back(at + ": too few");
    if (const auto* most = schema.if_contains("maxItems"); most != nullptr && instance.size() > most->to_number<std::size_t>())
        faults.push_back(at + ": too many");
    if (const auto* items = schema.if_contains("items"))
        for (std::size_t i = 0; i < instance.size(); ++i) check(instance[i], *items, at + "/" + std::to_string(i), faults);
}

void JsonSchema::check_combined(const json::value& instance, const json::object& schema, const std::string& at, Faults& faults) const {
    if (const auto* all = schema.if_contains("allOf"))
        for (const auto& one : all->as_array()) check(instance, one, at, faults);
    const auto fitting = [&](const json::array& list) {
        return std::count_if(list.begin(), list.end(), [&](const json::value& one) { return fits(instance, one); });
    };
    if (const auto* any = schema.if_contains("anyOf"); any != nullptr && fitting(any->as_array()) == 0) faults.push_back(at + ": fits none of anyOf");
    if (const auto* one = schema.if_contains("oneOf"); one != nullptr && fitting(one->as_array()) != 1)
        faults.push_back(at + ": does not fit exactly one of oneOf");
    if (const auto* condition = schema.if_contains("if")) {
        const auto* branch = schema.if_contains(fits(instance, *condition) ? "then" : "else");
        if (branch != nullptr) check(instance, *branch, at, faults);
    }
}

std::vector<std::string> JsonSchema::faults_of_the_file() const {
    Faults faults;
    for (const auto& definition : file_.at("definitions").as_object()) look_through(definition.value(), std::string(definition.key()), faults);
    return faults;
}

void JsonSchema::look_through(const json::value& schema, const std::string& at, Faults& faults) const {
    if (schema.is_bool()) return;
    if (!schema.is_object()) {
        faults.push_back(at + ": is no schema");
        return;
    }
    const auto& rules = schema.get_object();
    for (const auto& member : rules) {
        const std::string_view keyword = member.key();
        const auto place = at + "/" + std::string(keyword);
        if (!is_known(keyword)) faults.push_back(place + ": unknown keyword");
        if (keyword == "$ref" && (rules.size() != 1 || target_of(member.value().as_string()) == nullptr))
            faults.push_back(place + ": leads nowhere, or does not stand alone");
        if (keyword == "pattern") pattern(std::string(member.value().as_string()));
        if (keyword == "items" || keyword == "additionalProperties" || keyword == "if" || keyword == "then" || keyword == "else")
            look_through(member.value(), place, faults);
        if (keyword == "properties")
            for (const auto& property : member.value().as_object()) look_through(property.value(), place + "/" + std::string(property.key()), faults);
        if (keyword == "allOf" || keyword == "anyOf" || keyword == "oneOf")
            for (const auto& one : member.value().as_array()) look_through(one, place, faults);
    }
    if (is_true(rules, "x-personal") && !rules.contains("title") && !rules.contains("type"))
        faults.push_back(at + ": personal, and nobody says what");
}

} // namespace gatehouse::golden
