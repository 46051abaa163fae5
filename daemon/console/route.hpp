// SPDX-License-Identifier: Apache-2.0
//
// The outside surface: one literal table (route.cpp) of verb, pattern, permission and handler. openapi.yaml is printed from it.
#pragma once

#include "daemon/auth/permission.hpp"
#include "daemon/base/json.hpp"
#include "daemon/console/parts.hpp"
#include "daemon/console/target.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::console {

enum class Verb { get, post, put, remove };
std::string_view name_of(Verb verb); ///< "GET"; remove: "DELETE"

struct Desk;
struct Route;

/// One request, after its caller, its path and its query's names were found good.
struct Asking {
    const net::HttpRequest& request;
    const Route& route;
    std::vector<std::string> parameters; ///< the {…} of the pattern, in order, unescaped
    std::map<std::string, std::string> query;
    auth::Role role;
    std::string by; ///< "uid:1000"; personal
    Desk& desk;

    bool may(auth::May permission) const { return auth::is_allowed(role, permission); }
    /// Empty: not given.
    std::string_view value_of(const std::string& name) const;
};

using Handler = Task<net::HttpResponse> (*)(Parts& parts, const Asking& asking);

struct Route {
    Verb verb;
    std::string_view pattern;            ///< "/api/v1/devices/{id}"
    std::optional<auth::May> permission; ///< none: whoever can connect
    Handler handler;
    std::string_view query;   ///< names that may stand in the query, blank-separated
    std::string_view body;    ///< members of the body, blank-separated, '?' after those that may be missing; empty: no body
    std::string_view summary; ///< for openapi.yaml
    std::string_view answer = "200 application/json";
    std::string_view headers = {}; ///< conditional and idempotency headers that it heeds, blank-separated
};

std::span<const Route> all_routes();

/// The route and its parameters; none: no such path. `other_verbs`: the path exists for these only.
struct Match {
    const Route* route = nullptr;
    std::vector<std::string> parameters;
    std::string other_verbs;
};
Match find_route(std::string_view method, const std::vector<std::string>& segments);

/// OpenAPI 3.1: the table as a description for programs, and the same as YAML (openapi.yaml of this folder).
json::object openapi_document();
std::string print_openapi();

} // namespace gatehouse::console
