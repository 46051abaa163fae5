// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/upstream_routes.hpp"

#include "daemon/console/inside/status.hpp"

#include <array>

namespace gatehouse::console::inside {

namespace {

constexpr std::size_t letters_max = 500;
constexpr std::size_t letters_usual = 100;
constexpr std::array lanes{Lane::urgent, Lane::routine, Lane::pictures};

sync::Upstream* upstream_named(const Parts& parts, const std::string& name) {
    for (auto* upstream : parts.upstreams())
        if (upstream->name() == name) return upstream;
    return nullptr;
}

} // namespace

Task<net::HttpResponse> get_upstreams(Parts& parts, const Asking&) {
    json::array array;
    for (const auto* upstream : parts.upstreams()) array.push_back(to_json(upstream->status(), true));
    json::object answer{{"upstreams", std::move(array)}};
    co_return json_answer(answer);
}

Task<net::HttpResponse> post_resend(Parts& parts, const Asking& asking) {
    auto* upstream = upstream_named(parts, asking.parameters[0]);
    if (upstream == nullptr) co_return problem("not-found", "no such upstream");
    auto body = body_of(asking);
    if (!body) co_return problem_of(body.error());
    const auto lane = lane_named(text_at(*body, "lane").value_or("routine"));
    if (!lane) co_return problem("malformed", "lane: urgent, routine or pictures expected");
    const auto first = number_at(*body, "first").value_or(0);
    const auto last = number_at(*body, "last").value_or(0);
    if (first < 1 || last < first) co_return problem("malformed", "first, last: positions expected, first not beyond last");
    auto noted = co_await note_act(parts, asking, Kind::audit_changed, "resend to upstream " + upstream->name(), last - first + 1);
    if (!noted) co_return problem_of(noted.error());
    // The settings may have been reloaded while we waited for the disk.
    upstream = upstream_named(parts, asking.parameters[0]);
    if (upstream == nullptr) co_return problem("not-found", "no such upstream");
    auto sent = co_await upstream->resend(*lane, static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(last));
    if (!sent) co_return problem_of(sent.error());
    json::object answer{{"upstream", asking.parameters[0]}, {"lane", gatehouse::name_of(*lane)}, {"resent", *sent}};
    co_return json_answer(answer);
}

Task<net::HttpResponse> get_dead(Parts& parts, const Asking& asking) {
    const auto name = asking.parameters[0];
    if (upstream_named(parts, name) == nullptr) co_return problem("not-found", "no such upstream");
    auto limit = number_of(asking, "limit", 1, letters_max, letters_usual);
    if (!limit) co_return problem_of(limit.error());
    json::array array;
    for (const auto lane : lanes) {
        auto letters =
            co_await parts.store.dead_letters("upstream/" + name + "/" + std::string(gatehouse::name_of(lane)), static_cast<std::size_t>(*limit));
        if (!letters) co_return problem_of(letters.error());
        for (const auto& letter : *letters)
            array.push_back(
                {{"lane", gatehouse::name_of(lane)}, {"position", letter.position}, {"reason", letter.reason}, {"at", to_text(letter.at)}});
    }
    json::object answer{{"upstream", name}, {"dead", std::move(array)}};
    co_return json_answer(answer);
}

} // namespace gatehouse::console::inside
