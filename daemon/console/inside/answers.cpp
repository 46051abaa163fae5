// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

net::HttpResponse json_answer(const json::value& value, int status) {
    net::HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
    response.body = json::serialize(value);
    return response;
}

net::HttpResponse text_answer(std::string text, std::string_view media_type) {
    net::HttpResponse response;
    response.headers = {{"Content-Type", std::string(media_type)}, {"Cache-Control", "no-store"}};
    response.body = std::move(text);
    return response;
}

Task<Done> note_act(Parts& parts, const Asking& asking, Kind kind, std::string what, std::int64_t count) {
    auth::Act act;
    act.what = std::move(what);
    act.route = std::string(name_of(asking.route.verb)) + " " + std::string(asking.route.pattern);
    act.outcome = "done";
    act.count = count;
    act.role = asking.role;
    act.by = asking.by;
    co_return co_await parts.audit.write(kind, std::move(act));
}

json::value time_or_null(const std::optional<Time>& time) {
    if (!time) return nullptr;
    return json::value(to_text(*time));
}

} // namespace gatehouse::console::inside
