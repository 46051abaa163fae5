// SPDX-License-Identifier: Apache-2.0
//
// openapi.yaml out of the route table. YAML is written so that a JSON reader's eyes find their way: block style, texts always quoted.
#include "daemon/base/expects.hpp"
#include "daemon/console/inside/words.hpp"
#include "daemon/console/problem.hpp"
#include "daemon/console/route.hpp"

#include <algorithm>
#include <cctype>

namespace gatehouse::console {

namespace {

using inside::next_word;
using inside::schema_of;
using inside::word_named;

constexpr std::string_view description =
    "Answers are JSON; times are RFC 3339 in UTC; errors are RFC 9457 problem details with a stable type. Names in queries and bodies that a "
    "route does not list are refused. x-permission names the permission that a caller's role must have. GET /api/v1/live is a WebSocket: "
    "text frames {\"record\":{…}} in the order of positions, {\"head\":N,\"through\":P,\"at\":…} every ten seconds, and as last word "
    "{\"resync\":{\"after\":P}} (too slow: ask again) or {\"problem\":{…}}.";
constexpr std::string_view security_note =
    "On the Unix socket the caller is who the kernel says: membership in the group gatehouse-<role> gives the role, root is admin. There is no "
    "header to send; the scheme stands here so that programs see that every route but those without security asks who calls.";

json::object pair(std::string_view name, json::value value) {
    json::object object;
    object[name] = std::move(value);
    return object;
}

const inside::Word& need_word(std::string_view name) {
    const auto* word = word_named(name);
    expects(word != nullptr, "every name of the route table is explained");
    return *word;
}

std::string without_question(std::string_view word) { return std::string(word.substr(0, word.size() - (word.ends_with('?') ? 1 : 0))); }

json::object parameter(std::string_view name, std::string_view in) {
    const auto& word = need_word(name);
    json::object object{{"name", name}, {"in", in}};
    if (in == "path") object["required"] = true;
    object["description"] = word.meaning;
    object["schema"] = schema_of(word);
    return object;
}

json::array parameters_of(const Route& route) {
    json::array parameters;
    for (auto left = route.pattern; left.find('{') != std::string_view::npos;) {
        left.remove_prefix(left.find('{') + 1);
        parameters.push_back(parameter(left.substr(0, left.find('}')), "path"));
    }
    for (auto left = route.query; !left.empty();) parameters.push_back(parameter(next_word(left), "query"));
    for (auto left = route.headers; !left.empty();) parameters.push_back(parameter(next_word(left), "header"));
    return parameters;
}

json::object body_of(const Route& route) {
    json::object properties;
    json::array required;
    for (auto left = route.body; !left.empty();) {
        const auto given = next_word(left);
        const auto name = without_question(given);
        const auto& word = need_word(name);
        auto schema = schema_of(word);
        schema["description"] = word.meaning;
        properties[name] = std::move(schema);
        if (name == given) required.push_back(json::value(name));
    }
    json::object schema{{"type", "object"}, {"additionalProperties", false}};
    const bool is_needed = !required.empty();
    if (is_needed) schema["required"] = std::move(required);
    schema["properties"] = std::move(properties);
    return {{"required", is_needed}, {"content", pair("application/json", pair("schema", std::move(schema)))}};
}

json::object responses_of(const Route& route) {
    auto left = route.answer;
    const auto status = std::string(next_word(left));
    json::object good{{"description", status == "101" ? "the feed" : "done"}};
    if (!left.empty()) {
        const bool is_json = left == "application/json";
        const bool is_bytes = left == "image/jpeg" || left == "video/mp4" || left == "application/x-tar";
        json::object schema{{"type", is_json ? "object" : "string"}};
        if (is_bytes) schema["contentMediaType"] = left;
        good["content"] = pair(left, pair("schema", std::move(schema)));
    }
    json::object responses;
    responses[status] = std::move(good);
    for (auto names = route.headers; !names.empty();)
        if (next_word(names) == "Range") responses["206"] = pair("description", "the range that was asked for");
    if (route.headers.find("If-None-Match") != std::string_view::npos) responses["304"] = pair("description", "known already");
    responses["default"] = pair("$ref", "#/components/responses/Problem");
    return responses;
}

/// "GET /api/v1/devices/{id}" is get_devices_id.
std::string operation_of(const Route& route) {
    std::string name(name_of(route.verb));
    auto path = route.pattern;
    constexpr std::string_view prefix = "/api/v1";
    if (path.starts_with(prefix)) path.remove_prefix(prefix.size());
    for (const char letter : path) {
        if (std::isalnum(static_cast<unsigned char>(letter)) != 0)
            name.push_back(letter);
        else if (name.back() != '_')
            name.push_back('_');
    }
    if (name.back() == '_') name.pop_back();
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return name;
}

/// The first part of the path that says something.
std::string tag_of(const Route& route) {
    auto path = route.pattern.substr(1);
    constexpr std::string_view prefix = "api/v1/";
    if (!path.starts_with(prefix)) return "probes";
    path.remove_prefix(prefix.size());
    return std::string(path.substr(0, path.find('/')));
}

json::object operation(const Route& route) {
    json::object object{{"operationId", operation_of(route)}, {"tags", json::array{json::value(tag_of(route))}}, {"summary", route.summary}};
    object["x-permission"] = route.permission ? auth::name_of(*route.permission) : "none";
    if (!route.permission) object["security"] = json::array();
    if (auto parameters = parameters_of(route); !parameters.empty()) object["parameters"] = std::move(parameters);
    if (!route.body.empty()) object["requestBody"] = body_of(route);
    object["responses"] = responses_of(route);
    return object;
}

json::object problem_schema() {
    json::array types;
    for (const auto& row : all_problems()) types.push_back(json::value("urn:gatehouse:problem:" + std::string(row.name)));
    json::object properties;
    properties["type"] = {{"type", "string"}, {"enum", std::move(types)}};
    properties["title"] = pair("type", "string");
    properties["title_zh"] = pair("type", "string");
    properties["status"] = pair("type", "integer");
    properties["detail"] = pair("type", "string");
    json::array required;
    for (const auto& property : properties) required.push_back(json::value(property.key()));
    return {{"type", "object"}, {"required", std::move(required)}, {"properties", std::move(properties)}};
}

json::object components() {
    json::object problem{{"description", "a problem (RFC 9457)"},
                         {"content", pair("application/problem+json", pair("schema", pair("$ref", "#/components/schemas/Problem")))}};
    json::object scheme{{"type", "http"}, {"scheme", "unix-peer"}, {"description", security_note}};
    return {{"securitySchemes", pair("peer", std::move(scheme))},
            {"responses", pair("Problem", std::move(problem))},
            {"schemas", pair("Problem", problem_schema())}};
}

// YAML.

std::string key_text(std::string_view key) {
    const auto is_plain = [](char letter) {
        return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '-' || letter == '/' || letter == '.' ||
               letter == '{' || letter == '}' || letter == '+';
    };
    const bool is_plain_key =
        !key.empty() && (std::isalpha(static_cast<unsigned char>(key[0])) != 0 || key[0] == '/') && std::all_of(key.begin(), key.end(), is_plain);
    return is_plain_key ? std::string(key) : json::serialize(json::value(key));
}

bool is_block(const json::value& value) {
    return (value.is_object() && !value.get_object().empty()) || (value.is_array() && !value.get_array().empty());
}

void write_yaml(std::string& text, const json::value& value, std::size_t indent);

void write_member(std::string& text, std::string_view key, const json::value& value, std::size_t indent) {
    text += key_text(key) + ":";
    if (is_block(value)) {
        text += "\n";
        write_yaml(text, value, indent + 2);
    } else {
        text += " " + json::serialize(value) + "\n";
    }
}

void write_yaml(std::string& text, const json::value& value, std::size_t indent) {
    const std::string margin(indent, ' ');
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            text += margin;
            write_member(text, member.key(), member.value(), indent);
        }
        return;
    }
    for (const auto& item : value.get_array()) {
        if (!is_block(item)) {
            text += margin + "- " + json::serialize(item) + "\n";
            continue;
        }
        // The first member stands behind the dash.
        std::string block;
        write_yaml(block, item, indent + 2);
        block.replace(indent, 1, "-");
        text += block;
    }
}

} // namespace

json::object openapi_document() {
    json::object paths;
    json::array tags;
    for (const auto& route : all_routes()) {
        auto& path = paths[route.pattern];
        if (path.is_null()) path = json::object();
        std::string verb(name_of(route.verb));
        std::transform(verb.begin(), verb.end(), verb.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
        path.get_object()[verb] = operation(route);
        json::value tag(pair("name", json::value(tag_of(route))));
        if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(std::move(tag));
    }
    json::object info{
        {"title", "Gatehouse"}, {"version", "v1"}, {"description", description}, {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}};
    return {{"openapi", "3.1.0"},
            {"info", std::move(info)},
            {"servers", json::array{json::value(json::object{{"url", "http://localhost"}, {"description", "the Unix socket control.socket"}})}},
            {"security", json::array{json::value(pair("peer", json::array()))}},
            {"tags", std::move(tags)},
            {"paths", std::move(paths)},
            {"components", components()}};
}

std::string print_openapi() {
    std::string text =
        "# SPDX-License-Identifier: Apache-2.0\n# Printed from the route table (route.cpp): GET /api/v1/openapi.yaml. A test compares.\n";
    write_yaml(text, json::value(openapi_document()), 0);
    return text;
}

} // namespace gatehouse::console
