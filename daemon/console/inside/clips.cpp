// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/clips.hpp"

#include "daemon/base/text.hpp"

namespace gatehouse::console::inside {

namespace {

constexpr std::size_t reason_bytes_max = 256;

net::HttpResponse no_clips() { return problem("unsupported", "this gateway records nothing"); }

Task<net::HttpResponse> decide(Parts& parts, const Asking& asking, bool is_yes, std::string reason) {
    if (!parts.decide_clip) co_return no_clips();
    const auto id = asking.parameters[0];
    std::string what = "clip " + cut_utf8(id, 64) + (is_yes ? ": yes" : ": no");
    auto noted = co_await note_act(parts, asking, Kind::audit_changed, std::move(what), 1);
    if (!noted) co_return problem_of(noted.error());
    registry::By by{std::string(auth::name_of(asking.role)), asking.by};
    auto decided = co_await parts.decide_clip(id, is_yes, std::move(reason), std::move(by));
    if (!decided) co_return problem_of(decided.error());
    co_return json_answer(*decided);
}

} // namespace

Task<net::HttpResponse> get_clips(Parts& parts, const Asking& asking) {
    if (!parts.clips) co_return no_clips();
    json::object answer{{"clips", parts.clips()}};
    // Officers' names are personal.
    auto noted = co_await note_act(parts, asking, Kind::audit_read, "clips", static_cast<std::int64_t>(answer.at("clips").get_array().size()));
    if (!noted) co_return problem_of(noted.error());
    co_return json_answer(answer);
}

Task<net::HttpResponse> post_clip_approve(Parts& parts, const Asking& asking) { co_return co_await decide(parts, asking, true, ""); }

Task<net::HttpResponse> post_clip_refuse(Parts& parts, const Asking& asking) {
    auto body = body_of(asking);
    if (!body) co_return problem_of(body.error());
    auto reason = std::string(trimmed(text_at(*body, "reason").value_or("")));
    if (reason.empty() || reason.size() > reason_bytes_max) co_return problem("malformed", "reason: 1 to 256 bytes expected");
    co_return co_await decide(parts, asking, false, std::move(reason));
}

} // namespace gatehouse::console::inside
