// SPDX-License-Identifier: Apache-2.0
//
// The control API up to its handlers: the target's parser, the route finder, the body reader; and the net under support bundles. First
// line: method and target; then the body.
#include "daemon/base/text.hpp"
#include "daemon/console/desk.hpp"
#include "daemon/console/reading.hpp"
#include "daemon/console/scrub.hpp"
#include "tests/fuzz/pieces.hpp"

namespace gatehouse::fuzz {

using namespace console;

namespace {

void check_target(const console::Target& target, std::string_view text) {
    must_hold(text.size() <= path_bytes_max + query_bytes_max + 1 && target.query.size() <= query_pairs_max, "a target is bounded");
    std::string path;
    for (const auto& segment : target.segments) {
        const auto plain = unescaped(segment);
        must_hold(plain && !plain->empty() && *plain != "." && *plain != "..", "no segment is empty or goes up");
        must_hold(plain->find_first_of("/\\;") == std::string::npos && is_utf8(*plain), "a segment is one name");
        path += "/" + segment;
    }
    must_hold(text.substr(0, text.find('?')) == path, "segments are the path as it was sent");
    std::string query;
    for (const auto& [name, value] : target.query) query += (query.empty() ? "?" : "&") + escaped(name) + "=" + escaped(value);
    if (query.size() > query_bytes_max) return;
    const auto again = parse_target(path + query);
    must_hold(again && again->segments == target.segments && again->query == target.query, "a target is read back as it was");
}

void check_body(const Match& match, const net::HttpRequest& request, std::map<std::string, std::string> query) {
    static Desk desk;
    const Asking asking{request, *match.route, match.parameters, std::move(query), auth::Role::admin, "uid:0", desk};
    if (!match.route->body.empty()) {
        const auto body = body_of(asking);
        if (body) must_hold(body->size() <= match.route->body.size(), "a body has the members of its route alone");
        must_hold(request.body.size() <= console::body_bytes_max || !body, "a body is within its limit");
    }
    for (const auto& [name, value] : asking.query) {
        const auto number = number_of(asking, name, 1, 500, 100);
        if (number) must_hold(*number >= 1 && *number <= 500, "a number is within its bounds");
        const auto time = time_of(asking, name);
        must_hold(!time || time->has_value(), "a time that is given is read or refused");
    }
}

} // namespace

void control(std::string_view bytes) {
    const auto text = scrubbed(bytes);
    must_hold(scrubbed(text) == text, "what is scrubbed stays");
    auto line = first_line(bytes);
    const auto blank = std::min(line.find(' '), line.size());
    const auto method = line.substr(0, blank);
    line.remove_prefix(std::min(blank + 1, line.size()));
    if (const auto plain = unescaped(line))
        must_hold(is_utf8(*plain) && unescaped(escaped(*plain)).value() == *plain, "an escape is read back as it was");
    auto target = parse_target(line);
    if (!target) return;
    check_target(*target, line);
    const auto match = find_route(method, target->segments);
    if (match.route == nullptr) return;
    must_hold(name_of(match.route->verb) == method, "a route answers its verb");
    net::HttpRequest request;
    request.method = method;
    request.target = line;
    request.body = bytes;
    check_body(match, request, std::move(target->query));
}

} // namespace gatehouse::fuzz
