// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/console.hpp"

#include "daemon/console/desk.hpp"
#include "daemon/console/inside/library_routes.hpp"
#include "daemon/console/inside/live_feed.hpp"
#include "daemon/console/inside/live_video.hpp"
#include "daemon/console/problem.hpp"
#include "daemon/console/reading.hpp"
#include "daemon/console/route.hpp"

#include <grp.h>

#include <algorithm>

namespace gatehouse::console {

namespace {

constexpr std::size_t group_bytes_max = 16 * 1024;
constexpr std::string_view live_pattern = "/api/v1/live";
constexpr std::string_view imports_pattern = "/api/v1/imports"; // a table is larger than what people type
constexpr std::string_view video_pattern = "/api/v1/cameras/{id}/live";

std::string machine_group_name(std::uint32_t gid) {
    std::string names(group_bytes_max, '\0');
    group entry{};
    group* found = nullptr;
    if (getgrgid_r(gid, &entry, names.data(), names.size(), &found) != 0 || found == nullptr) return {};
    return found->gr_name;
}

bool is_listed(std::string_view list, std::string_view wanted) {
    while (!list.empty()) {
        const auto end = std::min(list.find(' '), list.size());
        if (list.substr(0, end) == wanted) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

/// What the table says about a request: the route it may take, or the problem it gets.
struct Verdict {
    std::optional<net::HttpResponse> refused;
    Target target;
    Match match;
};

std::optional<net::HttpResponse> refuse_caller(const Route& route, std::optional<auth::Role> role) {
    if (!route.permission) return std::nullopt;
    if (!role) return problem("unknown-caller", "your user belongs to no group that has a role at this gateway");
    if (auth::is_allowed(*role, *route.permission)) return std::nullopt;
    return problem("not-allowed",
                   "the role " + std::string(auth::name_of(*role)) + " lacks the permission " + std::string(auth::name_of(*route.permission)));
}

std::optional<net::HttpResponse> refuse_query(const Route& route, const Target& target) {
    for (const auto& pair : target.query)
        if (!is_listed(route.query, pair.first))
            return problem("malformed", "the query has a name that is not of this route; names: " + std::string(route.query));
    return std::nullopt;
}

Verdict judge(const net::HttpRequest& request, std::optional<auth::Role> role) {
    Verdict verdict;
    auto target = parse_target(request.target);
    if (!target) {
        verdict.refused = problem_of(target.error());
        return verdict;
    }
    verdict.target = std::move(*target);
    verdict.match = find_route(request.method, verdict.target.segments);
    const auto* route = verdict.match.route;
    // Who has no role here learns nothing about which paths exist.
    const bool may_know = role.has_value() || (route != nullptr && !route->permission);
    if (!may_know) {
        verdict.refused = problem("unknown-caller", "your user belongs to no group that has a role at this gateway");
    } else if (route != nullptr) {
        verdict.refused = refuse_caller(*route, role);
        if (!verdict.refused) verdict.refused = refuse_query(*route, verdict.target);
    } else if (!verdict.match.other_verbs.empty()) {
        verdict.refused = problem("wrong-method", "here: " + verdict.match.other_verbs);
        verdict.refused->headers.emplace_back("Allow", verdict.match.other_verbs);
    } else {
        verdict.refused = problem("not-found", "no such path");
    }
    return verdict;
}

Asking make_asking(const net::HttpRequest& request, Verdict& verdict, std::optional<auth::Role> role, Desk& desk) {
    std::string by = request.peer_uid ? "uid:" + std::to_string(*request.peer_uid) : std::string("unknown");
    return {request,
            *verdict.match.route,
            std::move(verdict.match.parameters),
            std::move(verdict.target.query),
            role.value_or(auth::Role::machine),
            std::move(by),
            desk};
}

} // namespace

Console::Console(Parts parts, std::function<std::string(std::uint32_t)> group_name)
    : parts_(std::move(parts)), group_name_(group_name ? std::move(group_name) : machine_group_name), desk_(std::make_unique<Desk>()) {}

Console::~Console() = default;

net::HttpHandler Console::handler() {
    return [this](net::HttpRequest request) { return answer(std::move(request)); };
}

net::WebSocketHandler Console::web_socket() {
    return [this](net::HttpRequest upgrade, std::unique_ptr<net::WebSocket> socket) { return feed(std::move(upgrade), std::move(socket)); };
}

std::function<Task<std::optional<net::HttpResponse>>(net::HttpRequest)> Console::refuse_upgrade() {
    return [this](net::HttpRequest upgrade) { return refuse(std::move(upgrade)); };
}

std::optional<auth::Role> Console::role_of(const net::HttpRequest& request) const {
    // Only a Unix socket says who is at its other end; until accounts come with TLS, nobody else is anybody.
    if (!request.peer_uid) return std::nullopt;
    auth::Peer peer;
    peer.uid = *request.peer_uid;
    for (const auto gid : request.peer_groups) {
        auto name = group_name_(gid);
        if (!name.empty()) peer.groups.push_back(std::move(name));
    }
    return auth::role_of(peer, parts_.socket_group);
}

void Console::count(const net::HttpResponse& response) {
    auto& traffic = desk_->traffic;
    ++traffic.requests;
    ++traffic.by_status[response.status];
    if (response.status == 401 || response.status == 403) ++traffic.refused;
}

Task<net::HttpResponse> Console::answer(net::HttpRequest request) {
    auto response = co_await route(request);
    count(response);
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    co_return response;
}

Task<net::HttpResponse> Console::route(const net::HttpRequest& request) {
    const auto role = role_of(request);
    auto verdict = judge(request, role);
    if (verdict.refused) co_return std::move(*verdict.refused);
    const auto most = verdict.match.route->pattern == imports_pattern ? inside::table_bytes_max : body_bytes_max;
    if (request.body.size() > most) co_return problem("too-large", "a body of at most " + std::to_string(most) + " bytes expected");
    const auto asking = make_asking(request, verdict, role, *desk_);
    auto response = co_await asking.route.handler(parts_, asking);
    co_return response;
}

Task<std::optional<net::HttpResponse>> Console::refuse(net::HttpRequest upgrade) {
    const auto role = role_of(upgrade);
    auto verdict = judge(upgrade, role);
    const auto pattern = verdict.refused ? std::string_view() : verdict.match.route->pattern;
    if (pattern == live_pattern) {
        const auto asking = make_asking(upgrade, verdict, role, *desk_);
        inside::LiveWanted wanted;
        verdict.refused = inside::read_live(parts_, asking, wanted);
    } else if (pattern == video_pattern) {
        const auto asking = make_asking(upgrade, verdict, role, *desk_);
        LivePicture picture;
        verdict.refused = inside::read_video(parts_, asking, picture);
    } else if (!verdict.refused) {
        verdict.refused = problem("not-found", "no WebSocket here");
    }
    if (verdict.refused) count(*verdict.refused);
    co_return std::move(verdict.refused);
}

Task<void> Console::feed(net::HttpRequest upgrade, std::unique_ptr<net::WebSocket> socket) {
    const auto role = role_of(upgrade);
    auto verdict = judge(upgrade, role);
    if (verdict.refused) co_return;
    if (verdict.match.route->pattern == video_pattern) {
        auto showing = show(upgrade, make_asking(upgrade, verdict, role, *desk_), std::move(socket));
        co_await std::move(showing);
        co_return;
    }
    if (verdict.match.route->pattern != live_pattern) co_return;
    const auto asking = make_asking(upgrade, verdict, role, *desk_);
    inside::LiveWanted wanted;
    if (inside::read_live(parts_, asking, wanted)) co_return; // the last place was taken meanwhile
    const bool personal = wanted.personal;
    std::function<bool()> may_go_on = [this, &upgrade, personal] {
        const auto now = role_of(upgrade);
        return now && auth::is_allowed(*now, auth::May::see_records) && (!personal || auth::is_allowed(*now, auth::May::see_personal));
    };
    inside::LiveFeed live(parts_, asking, std::move(wanted), *socket, std::move(may_go_on));
    co_await live.run();
}

Task<void> Console::show(const net::HttpRequest& upgrade, Asking asking, std::unique_ptr<net::WebSocket> socket) {
    LivePicture picture;
    if (inside::read_video(parts_, asking, picture)) co_return;
    std::function<bool()> may_go_on = [this, &upgrade] {
        const auto now = role_of(upgrade);
        return now && auth::is_allowed(*now, auth::May::see_live);
    };
    inside::LiveVideo video(parts_, asking, std::move(picture), *socket, std::move(may_go_on));
    co_await video.run();
}

} // namespace gatehouse::console
