// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/cameras.hpp"

#include "daemon/base/text.hpp"
#include "daemon/console/desk.hpp"
#include "daemon/console/inside/byte_range.hpp"
#include "daemon/console/inside/camera_pictures.hpp"
#include "daemon/console/inside/etag.hpp"
#include "daemon/console/inside/spans.hpp"
#include "daemon/console/inside/status.hpp"

#include <algorithm>

namespace gatehouse::console::inside {

namespace {

constexpr Duration recordings_span_max = std::chrono::hours(24) * 31;
constexpr Duration film_span_max = std::chrono::hours(24);
constexpr Duration lock_span_max = std::chrono::hours(24) * 366;
constexpr Duration lock_lasts_max = std::chrono::hours(24) * 3660;
constexpr std::size_t case_bytes_max = 64, purpose_bytes_max = 256;

bool is_camera(const registry::Device& device) { return device.info.driver == "rtsp" || device.info.driver == "onvif"; }

net::HttpResponse records_nothing() { return problem("unsupported", "this gateway records nothing"); }
net::HttpResponse no_such_camera() { return problem("not-found", "no such camera"); }

Result<Time> time_in(const json::object& body, std::string_view name) {
    auto time = parse_time(text_at(body, name).value_or(""));
    if (!time) return Error(Fault::malformed, std::string(name) + ": a time like 2026-01-15T08:30:12+08:00 expected");
    return time;
}

Result<Span> span_in(const Asking& asking, const json::object& body, Duration most) {
    auto from = time_in(body, "from");
    if (!from) return std::move(from).error();
    auto to = time_in(body, "to");
    if (!to) return std::move(to).error();
    Span span{asking.parameters[0], text_at(body, "stream").value_or("main"), *from, *to};
    if (auto good = check_span(span, most); !good) return std::move(good).error();
    return span;
}

Result<std::string> case_in(const json::object& body) {
    auto number = text_at(body, "case").value_or("");
    if (trimmed(number).empty() || number.size() > case_bytes_max) return Error(Fault::malformed, "case: 1 to 64 bytes expected");
    return number;
}

/// Registered, or one that is no longer and left recordings.
Task<Result<bool>> is_known(Parts& parts, const std::string& camera) {
    const auto found = parts.registry.devices().find(camera);
    if (found != parts.registry.devices().end() && is_camera(found->second)) co_return true;
    auto status = co_await parts.recordings->status();
    if (!status) co_return std::move(status).error();
    const bool is_there = std::any_of(status->cameras.begin(), status->cameras.end(), [&](const auto& one) { return one.camera == camera; });
    if (!is_there && !status->fault.empty()) co_return Error(Fault::unreachable, status->fault);
    co_return is_there;
}

json::value usage_json(const store::CameraUsage* usage, const store::RecordingRule& rule) {
    if (usage == nullptr || usage->segments == 0) return nullptr;
    return json::object{{"segments", usage->segments},      {"bytes", usage->bytes},         {"oldest", to_text(usage->oldest)},
                        {"newest", to_text(usage->newest)}, {"floor_days", rule.floor_days}, {"ceiling_days", rule.ceiling_days}};
}

json::object disk_json(const store::RecordingStatus& status) {
    const auto& seen = status.forecast;
    json::array broken;
    for (const auto& one : seen.floors_broken) broken.push_back(json::value(one));
    json::object disk{{"used_bytes", seen.used_bytes}, {"free_bytes", seen.free_bytes}, {"bytes_per_day", seen.bytes_per_day}};
    disk["days_possible"] = seen.days_possible ? json::value(*seen.days_possible) : json::value(nullptr);
    disk["fills_at"] = time_or_null(seen.fills_at);
    disk["floor_breaks_at"] = time_or_null(seen.floor_breaks_at);
    disk["floors_broken"] = std::move(broken);
    disk["full"] = status.is_full;
    disk["waiting"] = status.waiting;
    disk["fault"] = status.fault;
    return disk;
}

json::object lock_json(const store::RecordingLock& lock, bool with_case) {
    json::object row{{"lock", lock.id}, {"from", to_text(lock.from)}, {"to", to_text(lock.to)}, {"until", to_text(lock.until)}};
    if (with_case) {
        row["case"] = lock.case_number;
        row["by"] = lock.by;
        row["made_at"] = to_text(lock.made_at);
    }
    return row;
}

class FilmSource final : public net::BodySource {
public:
    FilmSource(std::shared_ptr<Film> film, ByteRange range) : film_(std::move(film)), range_(range), at_(range.from) {}
    std::uint64_t bytes() const override { return range_.to - range_.from; }
    Task<Result<Bytes>> next() override {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(net::body_piece_bytes_max, range_.to - at_));
        auto piece = co_await film_->read(at_, wanted);
        if (piece) at_ += piece->size();
        co_return piece;
    }

private:
    std::shared_ptr<Film> film_;
    ByteRange range_;
    std::uint64_t at_;
};

class ExportSource final : public net::BodySource {
public:
    ExportSource(store::Recordings& recordings, std::shared_ptr<store::RecordingExport> made) : recordings_(recordings), made_(std::move(made)) {}
    std::uint64_t bytes() const override { return made_->bytes(); }
    Task<Result<Bytes>> next() override { co_return co_await recordings_.next_of(made_); }

private:
    store::Recordings& recordings_;
    std::shared_ptr<store::RecordingExport> made_;
};

void put_film_headers(net::HttpResponse& answer, const Film& film, const std::string& etag) {
    answer.headers.emplace_back("ETag", etag);
    answer.headers.emplace_back("Accept-Ranges", "bytes");
    answer.headers.emplace_back("Cache-Control", "private, no-store");
    // What second 0 is, and where another film begins, since the picture's parameters changed.
    answer.headers.emplace_back("Gatehouse-Begins-At", to_text(film.begins_at()));
    answer.headers.emplace_back("Gatehouse-Ends-At", to_text(film.ends_at()));
    if (film.next_at()) answer.headers.emplace_back("Gatehouse-Next-At", to_text(*film.next_at()));
}

/// The whole film, a part of it, 304 or 416.
net::HttpResponse film_answer(const Asking& asking, const std::shared_ptr<Film>& film) {
    const auto etag = "\"" + to_hex(film->tag()).substr(0, 32) + "\"";
    const auto& headers = asking.request.headers;
    net::HttpResponse answer;
    put_film_headers(answer, *film, etag);
    auto known = tagged(asking, net::HttpResponse(), etag);
    if (known.status == 304) {
        answer.status = 304;
        return answer;
    }
    ByteRange range{0, film->bytes()};
    const auto only_if = net::header(headers, "If-Range");
    // Another state than the one held in part (13.1.5): the whole. A date never fits: we give none.
    const bool may_be_part = only_if.empty() || trimmed(only_if) == etag;
    const auto asked = may_be_part ? read_range(net::header(headers, "Range"), film->bytes(), range) : RangeAsked::whole;
    if (asked == RangeAsked::nothing) {
        auto refused = problem("no-such-range", "the film has " + std::to_string(film->bytes()) + " bytes");
        refused.headers.emplace_back("Content-Range", "bytes */" + std::to_string(film->bytes()));
        return refused;
    }
    if (asked == RangeAsked::part) {
        answer.status = 206;
        answer.headers.emplace_back("Content-Range",
                                    "bytes " + std::to_string(range.from) + "-" + std::to_string(range.to - 1) + "/" + std::to_string(film->bytes()));
    }
    answer.headers.emplace_back("Content-Type", "video/mp4; codecs=\"" + film->codecs() + "\"");
    answer.source = std::make_shared<FilmSource>(film, range);
    return answer;
}

/// How much of it is missing since `from`, whatever the cause; what is being recorded or is yet to come is not.
Task<Result<std::int64_t>> missing_s(Parts& parts, std::string camera, Time from, Time to) {
    auto found = co_await parts.recordings->within(std::move(camera), "main", from, to);
    if (!found) co_return std::move(found).error();
    Duration missing{};
    for (const auto& span : found->spans)
        if (!span.recorded && span.cause != "ahead") missing += span.to - span.from;
    co_return missing / std::chrono::seconds(1);
}

} // namespace

bool is_camera(const Parts& parts, const std::string& id) {
    const auto found = parts.registry.devices().find(id);
    return found != parts.registry.devices().end() && is_camera(found->second);
}

Task<net::HttpResponse> get_cameras(Parts& parts, const Asking& asking) {
    auto from = time_of(asking, "from");
    if (!from) co_return problem_of(from.error());
    const auto now = parts.clock.now();
    if (*from && (**from >= now || now - **from > recordings_span_max)) co_return problem("malformed", "from: a time past, within 31 days, expected");
    store::RecordingStatus recorded;
    if (parts.recordings != nullptr) {
        auto status = co_await parts.recordings->status();
        if (!status) co_return problem_of(status.error());
        recorded = std::move(*status);
    }
    const auto usage_of = [&](const std::string& id) -> const store::CameraUsage* {
        const auto found = std::find_if(recorded.cameras.begin(), recorded.cameras.end(), [&](const auto& one) { return one.camera == id; });
        return found == recorded.cameras.end() ? nullptr : &*found;
    };
    const store::RecordingRules no_rules;
    const auto& rules = parts.recordings != nullptr ? parts.recordings->rules() : no_rules;
    const auto statuses = parts.device_statuses();
    const auto looks = parts.camera_looks ? parts.camera_looks() : std::map<std::string, pipelines::CameraLook>();
    const auto devices = parts.registry.devices(); // it may change while the index is asked
    json::array array;
    for (const auto& [id, device] : devices) {
        if (!is_camera(device)) continue;
        const auto found = statuses.find(id);
        array.push_back(json::object{{"id", id},
                                     {"name", device.name},
                                     {"place", device.info.place},
                                     {"driver", device.info.driver},
                                     {"registered", true},
                                     {"status", to_json(found == statuses.end() ? drivers::DeviceStatus() : found->second, false)},
                                     {"recordings", usage_json(usage_of(id), rules.of(id))}});
        auto& row = array.back().get_object();
        if (const auto look = looks.find(id); look != looks.end()) put_look(row, look->second);
        // Before its first recording nothing of it can be missing.
        const auto* usage = usage_of(id);
        if (!*from || usage == nullptr || usage->segments == 0) continue;
        auto missing = co_await missing_s(parts, id, std::max(**from, usage->oldest), now);
        row["missing_s"] = missing ? json::value(*missing) : json::value(nullptr);
    }
    for (const auto& usage : recorded.cameras) {
        const auto found = parts.registry.devices().find(usage.camera);
        const bool is_listed = found != parts.registry.devices().end() && is_camera(found->second);
        if (!is_listed && usage.segments > 0)
            array.push_back(json::object{{"id", usage.camera}, {"registered", false}, {"recordings", usage_json(&usage, rules.of(usage.camera))}});
    }
    json::object answer{{"cameras", std::move(array)}};
    answer["disk"] = parts.recordings != nullptr ? json::value(disk_json(recorded)) : json::value(nullptr);
    co_return json_answer(answer);
}

Task<net::HttpResponse> get_recordings(Parts& parts, const Asking& asking) {
    if (parts.recordings == nullptr) co_return records_nothing();
    auto span = span_of(asking, recordings_span_max);
    if (!span) co_return problem_of(span.error());
    auto known = co_await is_known(parts, span->camera);
    if (!known) co_return problem_of(known.error());
    if (!*known) co_return no_such_camera();
    auto found = co_await parts.recordings->within(span->camera, span->stream, span->from, span->to);
    if (!found) co_return problem_of(found.error());
    json::array spans, locks;
    for (const auto& one : found->spans) {
        json::object row{{"state", one.recorded ? "recorded" : "missing"}, {"from", to_text(one.from)}, {"to", to_text(one.to)}};
        if (!one.recorded && one.cause == "ahead") row["state"] = "ahead";
        if (!one.recorded && one.cause != "ahead") row["cause"] = one.cause;
        spans.push_back(std::move(row));
    }
    // Who holds what for which case is for those who may see the video.
    for (const auto& one : found->locks) locks.push_back(lock_json(one, asking.may(auth::May::see_recordings)));
    json::object answer{{"camera", span->camera}, {"stream", span->stream}, {"from", to_text(span->from)}, {"to", to_text(span->to)}};
    answer["next"] = found->is_whole || found->spans.empty() ? json::value(nullptr) : json::value(to_text(found->spans.back().to));
    answer["spans"] = std::move(spans);
    answer["locks"] = std::move(locks);
    co_return json_answer(answer);
}

Task<net::HttpResponse> get_playback(Parts& parts, const Asking& asking) {
    if (parts.recordings == nullptr || !parts.play) co_return records_nothing();
    auto span = span_of(asking, film_span_max);
    if (!span) co_return problem_of(span.error());
    auto film = co_await parts.play(span->camera, span->stream, span->from, span->to);
    if (!film) co_return problem_of(film.error());
    auto answer = film_answer(asking, *film);
    if (!answer.source) co_return answer; // nothing of it leaves
    std::string what = "recording " + span->camera + " " + span->stream + " " + to_text(span->from) + " to " + to_text(span->to);
    auto viewing = co_await note_viewing(parts, asking, std::move(what));
    if (!viewing) co_return problem_of(viewing.error());
    co_return answer;
}

Task<net::HttpResponse> post_lock(Parts& parts, const Asking& asking) {
    if (parts.recordings == nullptr) co_return records_nothing();
    auto body = body_of(asking);
    if (!body) co_return problem_of(body.error());
    auto span = span_in(asking, *body, lock_span_max);
    if (!span) co_return problem_of(span.error());
    auto case_number = case_in(*body);
    if (!case_number) co_return problem_of(case_number.error());
    auto until = time_in(*body, "until");
    if (!until) co_return problem_of(until.error());
    const auto now = parts.clock.now();
    if (*until <= now || *until - now > lock_lasts_max) co_return problem("malformed", "until: a time ahead, within ten years, expected");
    auto known = co_await is_known(parts, span->camera);
    if (!known) co_return problem_of(known.error());
    if (!*known) co_return no_such_camera();
    auto noted = co_await note_act(parts, asking, Kind::audit_changed, "lock of recordings of " + span->camera, 1);
    if (!noted) co_return problem_of(noted.error());
    store::RecordingLock lock{0, span->camera, span->from, span->to, *case_number, asking.by, *until, now};
    auto kept = lock;
    auto added = co_await parts.recordings->add_lock(std::move(lock));
    if (!added) co_return problem_of(added.error());
    kept.id = *added;
    co_return json_answer(lock_json(kept, true), 201);
}

Task<net::HttpResponse> delete_lock(Parts& parts, const Asking& asking) {
    if (parts.recordings == nullptr) co_return records_nothing();
    const auto camera = asking.parameters[0];
    const auto id = to_number(asking.parameters[1]);
    if (!id || *id < 1 || !store::is_plain_name(camera)) co_return problem("not-found", "no such lock");
    auto noted = co_await note_act(parts, asking, Kind::audit_changed, "lock of recordings of " + camera, 1);
    if (!noted) co_return problem_of(noted.error());
    auto removed = co_await parts.recordings->remove_lock(camera, *id);
    if (!removed) co_return problem_of(removed.error());
    net::HttpResponse nothing;
    nothing.status = 204;
    co_return nothing;
}

Task<net::HttpResponse> post_export(Parts& parts, const Asking& asking) {
    if (parts.recordings == nullptr) co_return records_nothing();
    auto body = body_of(asking);
    if (!body) co_return problem_of(body.error());
    auto span = span_in(asking, *body, store::export_span_max);
    if (!span) co_return problem_of(span.error());
    auto case_number = case_in(*body);
    if (!case_number) co_return problem_of(case_number.error());
    const auto purpose = text_at(*body, "purpose").value_or("");
    if (purpose.size() > purpose_bytes_max) co_return problem("malformed", "purpose: at most 256 bytes");
    store::ExportOrder order{parts.gateway, parts.compound, span->camera, span->stream, span->from, span->to, *case_number, purpose, {}};
    auto made = co_await parts.recordings->make_export(std::move(order));
    if (!made) co_return problem_of(made.error());
    auth::Act act;
    act.what = "recording " + span->camera + " " + span->stream + " " + to_text(span->from) + " to " + to_text(span->to);
    act.route = std::string(name_of(asking.route.verb)) + " " + std::string(asking.route.pattern);
    act.purpose = purpose;
    act.case_number = *case_number;
    act.outcome = "done";
    act.count = static_cast<std::int64_t>((*made)->files());
    act.role = asking.role;
    act.by = asking.by;
    auto noted = co_await parts.audit.write(Kind::audit_exported, std::move(act));
    if (!noted) co_return problem_of(noted.error());
    net::HttpResponse answer;
    answer.headers = {{"Content-Type", "application/x-tar"},
                      {"Cache-Control", "no-store"},
                      {"Content-Disposition", "attachment; filename=\"" + span->camera + "-" + to_text(span->from).substr(0, 10) + ".tar\""}};
    answer.source = std::make_shared<ExportSource>(*parts.recordings, *made);
    co_return answer;
}

} // namespace gatehouse::console::inside
