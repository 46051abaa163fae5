// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/route.hpp"

#include "daemon/console/inside/status.hpp"

#include <array>

namespace gatehouse::console {

namespace {

using auth::May;
using enum Verb;
using namespace inside;

constexpr auto anybody = std::optional<May>();

constexpr std::array routes{
    Route{get, "/livez", anybody, get_livez, "", "", "The process runs"},
    Route{get, "/readyz", anybody, get_readyz, "", "", "Records can be stored"},
    Route{get, "/api/v1/status", May::see_status, get_status, "", "", "Figures: log, disk, devices, upstreams with their lanes"},
};

bool is_parameter(std::string_view segment) { return !segment.empty() && segment.front() == '{'; }

/// The pattern's parameters out of `segments`; none: it does not fit.
std::optional<std::vector<std::string>> fit(std::string_view pattern, const std::vector<std::string>& segments) {
    std::vector<std::string> parameters;
    std::size_t at = 0;
    while (!pattern.empty()) {
        pattern.remove_prefix(1);
        const auto end = std::min(pattern.find('/'), pattern.size());
        const auto wanted = pattern.substr(0, end);
        pattern.remove_prefix(end);
        if (at == segments.size()) return std::nullopt;
        const auto& given = segments[at++];
        if (is_parameter(wanted)) {
            auto plain = unescaped(given);
            if (!plain) return std::nullopt;
            parameters.push_back(std::move(*plain));
        } else if (wanted != given) {
            return std::nullopt;
        }
    }
    if (at != segments.size()) return std::nullopt;
    return parameters;
}

} // namespace

std::string_view name_of(Verb verb) {
    switch (verb) {
    case Verb::get: return "GET";
    case Verb::post: return "POST";
    case Verb::put: return "PUT";
    case Verb::remove: return "DELETE";
    }
    return "GET";
}

std::string_view Asking::value_of(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string_view() : std::string_view(found->second);
}

std::span<const Route> all_routes() { return routes; }

Match find_route(std::string_view method, const std::vector<std::string>& segments) {
    Match match;
    for (const auto& route : routes) {
        auto parameters = fit(route.pattern, segments);
        if (!parameters) continue;
        if (name_of(route.verb) == method) {
            match.route = &route;
            match.parameters = std::move(*parameters);
            return match;
        }
        if (!match.other_verbs.empty()) match.other_verbs += ", ";
        match.other_verbs += name_of(route.verb);
    }
    return match;
}

} // namespace gatehouse::console
