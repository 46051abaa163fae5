// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/log_routes.hpp"

#include "daemon/base/log.hpp"
#include "daemon/console/desk.hpp"
#include "daemon/console/inside/diagnosis.hpp"
#include "daemon/console/inside/etag.hpp"

namespace gatehouse::console::inside {

namespace {

constexpr std::size_t file_bytes_max = 512;
constexpr std::size_t subject_bytes_max = 256;
constexpr std::size_t order_bytes_max = 256;

/// Absolute and plain: what the daemon writes, it writes where the words say.
bool is_plain_path(std::string_view path) {
    return path.size() > 1 && path.size() <= file_bytes_max && path.front() == '/' && path.back() != '/' &&
           path.find("//") == std::string_view::npos && (std::string(path) + "/").find("/../") == std::string::npos &&
           (std::string(path) + "/").find("/./") == std::string::npos && path.find('\0') == std::string_view::npos;
}

json::object to_json(const store::VerifyReport& report) {
    json::object object{{"whole", !report.first_bad.has_value()},
                        {"first", report.first},
                        {"last", report.last},
                        {"records", report.whole},
                        {"emptied", report.emptied},
                        {"removed", report.removed},
                        {"condensed", report.condensed},
                        {"seals", report.seals},
                        {"digests", report.digests},
                        {"fault", report.fault}};
    object["first_bad"] = report.first_bad ? json::value(*report.first_bad) : json::value(nullptr);
    return object;
}

json::object identity_json(const Parts& parts, const store::Head& head) {
    return {{"gateway", parts.gateway},        {"compound", parts.compound}, {"instance", parts.instance}, {"epoch", head.epoch},
            {"epoch_first", head.epoch_first}, {"head", head.position},      {"seal", to_hex(head.seal)}};
}

} // namespace

Task<net::HttpResponse> post_verify(Parts& parts, const Asking&) {
    auto report = co_await parts.admin.verify();
    if (!report) co_return problem_of(report.error());
    co_return json_answer(to_json(*report));
}

Task<net::HttpResponse> post_backup(Parts& parts, const Asking& asking) {
    auto body = body_of(asking);
    if (!body) co_return problem_of(body.error());
    const auto file = text_at(*body, "file").value_or("");
    if (!is_plain_path(file)) co_return problem("malformed", "file: an absolute path without '..' expected");
    auto noted = co_await note_act(parts, asking, Kind::audit_exported, "backup", 1);
    if (!noted) co_return problem_of(noted.error());
    auto report = co_await parts.admin.backup(file);
    if (!report) co_return problem_of(report.error());
    std::string key(backup_note), made_at = to_text(parts.clock.now());
    auto kept = co_await parts.store.set_note(std::move(key), std::move(made_at));
    if (!kept) log::warning("console", "when the backup was made is not noted", {{"why", kept.error().what()}});
    json::object answer{{"file", report->file}, {"head", report->head}, {"bytes", report->bytes}, {"sha256", report->sha256}};
    co_return json_answer(answer);
}

Task<net::HttpResponse> post_erase(Parts& parts, const Asking& asking) {
    auto body = body_of(asking);
    if (!body) co_return problem_of(body.error());
    const auto subject = text_at(*body, "subject").value_or("");
    const auto order = text_at(*body, "order").value_or("");
    if (subject.size() < 3 || subject.size() > subject_bytes_max || subject.find(':') == std::string::npos)
        co_return problem("malformed", "subject: card:…, plate:… or person:… expected");
    if (order.empty() || order.size() > order_bytes_max)
        co_return problem("malformed", "order: the document that the erasure rests on, at most 256 bytes");
    auto noted = co_await note_act(parts, asking, Kind::audit_changed, "erasure of a subject", 1);
    if (!noted) co_return problem_of(noted.error());
    auto erased = co_await parts.admin.erase_subject(subject, order);
    if (!erased) co_return problem_of(erased.error());
    json::object answer{{"records", erased->records}, {"pictures", erased->pictures}, {"position", erased->position}};
    co_return json_answer(answer);
}

Task<net::HttpResponse> get_identity(Parts& parts, const Asking&) {
    const auto head = parts.store.head();
    auto answer = json_answer(identity_json(parts, head));
    // Of what a renewal changes; the head runs on.
    answer.headers.emplace_back("ETag", etag_of(head.epoch));
    co_return answer;
}

Task<net::HttpResponse> post_renew(Parts& parts, const Asking& asking) {
    const auto turn = co_await asking.desk.registry_turn.take();
    if (auto outdated = refuse_outdated(asking, etag_of(parts.store.head().epoch))) co_return std::move(*outdated);
    auto noted = co_await note_act(parts, asking, Kind::audit_changed, "identity", 1);
    if (!noted) co_return problem_of(noted.error());
    auto head = co_await parts.renew_identity();
    if (!head) co_return problem_of(head.error());
    co_return json_answer(identity_json(parts, *head));
}

Task<net::HttpResponse> get_settings(Parts& parts, const Asking& asking) {
    const auto language = asking.value_of("language");
    if (!language.empty() && language != "zh" && language != "en") co_return problem("malformed", "language: zh or en expected");
    auto text = parts.settings_text(language != "en");
    const auto etag = etag_of(text);
    co_return tagged(asking, text_answer(std::move(text), "application/toml; charset=utf-8"), etag);
}

} // namespace gatehouse::console::inside
