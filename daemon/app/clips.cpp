// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/clips.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/sha256.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"

#include <algorithm>
#include <tuple>

namespace gatehouse::app {

namespace {

constexpr std::string_view row_class = "clip";
constexpr std::size_t text_bytes_max = 256, case_bytes_max = 64, officer_bytes_max = 64;
constexpr Duration over_look_every = std::chrono::minutes(1);
constexpr Duration fetch_kept = std::chrono::minutes(10);
constexpr std::array<std::string_view, 3> state_names{"waiting", "approved", "declined"};

Result<std::string> short_text(const json::object& from, std::string_view name, std::size_t bytes_max, bool may_be_empty) {
    auto text = std::string(trimmed(text_at(from, name).value_or("")));
    if ((text.empty() && !may_be_empty) || text.size() > bytes_max)
        return Error(Fault::malformed,
                     std::string(name) + ": " + (may_be_empty ? "at most " : "1 to ") + std::to_string(bytes_max) + " bytes expected");
    return text;
}

Result<Time> time_in(const json::object& from, std::string_view name) {
    auto time = parse_time(text_at(from, name).value_or(""));
    if (!time) return Error(Fault::malformed, std::string(name) + ": a time like 2026-01-15T08:30:12+08:00 expected");
    return time;
}

/// Case, two officers who are not one, camera, span.
Result<Clip> read_asked(const json::object& args, Time now) {
    Clip clip;
    for (const auto& [name, into, most] :
         {std::tuple("case", &clip.case_number, case_bytes_max), std::tuple("camera", &clip.camera, text_bytes_max)}) {
        auto text = short_text(args, name, most, false);
        if (!text) return std::move(text).error();
        *into = std::move(*text);
    }
    auto purpose = short_text(args, "purpose", text_bytes_max, true);
    if (!purpose) return std::move(purpose).error();
    clip.purpose = std::move(*purpose);
    const auto* officers = array_at(args, "officers");
    if (officers == nullptr || officers->size() != 2) return Error(Fault::malformed, "officers: two expected");
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& one = (*officers)[i];
        clip.officers[i] = one.is_string() ? std::string(trimmed(std::string_view(one.get_string()))) : std::string();
        if (clip.officers[i].empty() || clip.officers[i].size() > officer_bytes_max)
            return Error(Fault::malformed, "officers: two texts of 1 to 64 bytes expected");
    }
    if (clip.officers[0] == clip.officers[1]) return Error(Fault::malformed, "officers: two different ones expected");
    clip.stream = text_at(args, "stream").value_or("main");
    if (clip.stream != "main" && clip.stream != "sub") return Error(Fault::malformed, "stream: main or sub expected");
    auto from = time_in(args, "from");
    if (!from) return std::move(from).error();
    auto to = time_in(args, "to");
    if (!to) return std::move(to).error();
    clip.from = *from;
    clip.to = *to;
    if (clip.from >= clip.to || clip.to - clip.from > store::export_span_max || clip.to > now)
        return Error(Fault::malformed, "from, to: a span of the past expected, 24 hours long at most");
    return clip;
}

} // namespace

std::string_view name_of(Clip::State state) { return state_names.at(static_cast<std::size_t>(state)); }

json::object to_json(const Clip& clip) {
    json::object row{{"clip", clip.id},
                     {"upstream", clip.upstream},
                     {"case", clip.case_number},
                     {"officers", json::array{clip.officers[0], clip.officers[1]}},
                     {"camera", clip.camera},
                     {"stream", clip.stream},
                     {"from", to_text(clip.from)},
                     {"to", to_text(clip.to)},
                     {"asked_at", to_text(clip.asked_at)},
                     {"state", name_of(clip.state)},
                     {"until", to_text(clip.until)}};
    if (!clip.purpose.empty()) row["purpose"] = clip.purpose;
    if (clip.decided_at) row["decided_at"] = to_text(*clip.decided_at);
    if (!clip.decided_by.empty()) row["decided_by"] = clip.decided_by;
    if (!clip.basis.empty()) row["basis"] = clip.basis;
    if (!clip.reason.empty()) row["reason"] = clip.reason;
    return row;
}

Result<Clip> read_clip(const json::object& row) {
    auto asked_at = time_in(row, "asked_at");
    if (!asked_at) return std::move(asked_at).error();
    auto clip = read_asked(row, Time::max());
    if (!clip) return clip;
    clip->id = text_at(row, "clip").value_or("");
    clip->upstream = text_at(row, "upstream").value_or("");
    clip->asked_at = *asked_at;
    const auto state = std::find(state_names.begin(), state_names.end(), text_at(row, "state").value_or(""));
    if (clip->id.empty() || state == state_names.end()) return Error(Fault::malformed, "a clip without id or state");
    clip->state = static_cast<Clip::State>(state - state_names.begin());
    if (auto at = time_in(row, "decided_at")) clip->decided_at = *at;
    clip->decided_by = text_at(row, "decided_by").value_or("");
    clip->basis = text_at(row, "basis").value_or("");
    clip->reason = text_at(row, "reason").value_or("");
    auto until = time_in(row, "until");
    if (!until) return std::move(until).error();
    clip->until = *until;
    return clip;
}

Task<Done> Clips::load() {
    auto rows = co_await parts_.store.registry_rows(std::string(row_class), std::nullopt);
    if (!rows) co_return std::move(rows).error().during("loading clips");
    for (const auto& row : *rows) {
        auto parsed = parse_json(row.body);
        auto clip = parsed && parsed->is_object() ? read_clip(parsed->get_object()) : Result<Clip>(Error(Fault::damaged, "no object"));
        if (!clip) {
            log::error("gatehoused", "a clip's row cannot be read", {{"clip", row.id}, {"what", clip.error().what()}});
            continue;
        }
        clips_.insert_or_assign(row.id, std::move(*clip));
    }
    co_return Done();
}

// Case and officers stand in the row and in the audit trail, not in what goes up to other platforms.
Task<Done> Clips::put(Clip clip, std::string action, registry::By by) {
    Record record;
    record.kind = Kind::registry_changed;
    record.heard_at = parts_.clock.now();
    record.clock = parts_.clock.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
    record.source = "gateway";
    const json::object values{{"upstream", clip.upstream}, {"camera", clip.camera}, {"state", name_of(clip.state)}};
    record.facts = {{"what", row_class}, {"action", action}, {"id", clip.id}, {"by_role", by.role}, {"values", json::serialize(values)}};
    if (!by.name.empty()) record.details["by"] = by.name;
    std::string id = clip.id;
    if (action == "removed") {
        auto closed = co_await parts_.store.close_registry_row(std::string(row_class), id, std::move(record));
        if (closed) clips_.erase(id);
        co_return closed;
    }
    std::string body = json::serialize(to_json(clip));
    auto stored = co_await parts_.store.put_registry_row(std::string(row_class), id, std::move(body), std::move(record));
    if (!stored) co_return std::move(stored).error();
    clips_.insert_or_assign(id, std::move(clip));
    co_return Done();
}

bool Clips::is_covered(const StandingOrder& order) const {
    const auto today = to_text(parts_.clock.now() + parts_.zone).substr(0, 10);
    return !order.document.empty() && order.date <= today && (order.end.empty() || today <= order.end);
}

// What was approved stays on the disk until it is over.
Task<Done> Clips::approve(Clip& clip) {
    clip.state = Clip::State::approved;
    clip.decided_at = parts_.clock.now();
    clip.until = *clip.decided_at + clip_lasts_max;
    store::RecordingLock lock{0, clip.camera, clip.from, clip.to, clip.case_number, "clip " + clip.id, clip.until, *clip.decided_at};
    auto locked = co_await parts_.recordings.add_lock(std::move(lock));
    if (!locked) co_return std::move(locked).error();
    co_return Done();
}

Task<Result<std::shared_ptr<store::RecordingExport>>> Clips::make_export(Clip clip) {
    store::ExportOrder order{parts_.gateway,   parts_.compound, clip.camera,
                             clip.stream,      clip.from,       clip.to,
                             clip.case_number, clip.purpose,    clip.decided_at.value_or(clip.asked_at)};
    co_return co_await parts_.recordings.make_export(std::move(order));
}

Task<Result<std::string>> Clips::begin(std::string upstream, json::object args) {
    const auto now = parts_.clock.now();
    auto clip = read_asked(args, now);
    if (!clip) co_return std::move(clip).error().during("args");
    if (!store::is_plain_name(clip->camera)) co_return Error(Fault::gone, "no such camera");
    const auto is_waiting = [&](const auto& one) { return one.second.upstream == upstream && one.second.state == Clip::State::waiting; };
    if (clips_.size() >= clips_open_max ||
        static_cast<std::size_t>(std::count_if(clips_.begin(), clips_.end(), is_waiting)) >= clips_waiting_of_upstream_max)
        co_return Error(Fault::full, "too many clips wait already");
    // What is not there need not be decided about; whether it is, nobody learns who may not have it: a camera's gaps are no secret of persons.
    Clip probe = *clip;
    auto there = co_await make_export(std::move(probe));
    if (!there) co_return std::move(there).error();
    clip->id = to_text(make_uuid_v7(now, parts_.entropy));
    clip->upstream = upstream;
    clip->asked_at = now;
    clip->until = now + clip_lasts_max;
    if (const auto order = parts_.order_of(upstream); order && is_covered(*order)) {
        auto approved = co_await approve(*clip);
        if (!approved) co_return std::move(approved).error();
        clip->decided_by = "standing order";
        clip->basis = order->document;
    }
    Clip kept = *clip;
    registry::By by{"machine", ""};
    auto stored = co_await put(std::move(kept), "added", std::move(by));
    if (!stored) co_return std::move(stored).error();
    co_return co_await state_of(std::move(*clip));
}

Task<Result<std::string>> Clips::state_of(Clip clip) {
    json::object answer{{"clip", clip.id}, {"state", name_of(clip.state)}, {"until", to_text(clip.until)}};
    if (!clip.reason.empty()) answer["reason"] = clip.reason;
    if (clip.state == Clip::State::approved) {
        auto made = co_await make_export(std::move(clip));
        if (!made) co_return std::move(made).error();
        answer["bytes"] = (*made)->bytes();
        answer["manifest"] = to_hex(sha256((*made)->manifest()));
    }
    co_return json::serialize(answer);
}

Task<Done> Clips::note_handed_over(const Clip& clip, std::size_t files) {
    auth::Act act;
    act.what = "recording " + clip.camera + " " + clip.stream + " " + to_text(clip.from) + " to " + to_text(clip.to);
    act.route = "request clip of " + clip.upstream;
    act.purpose = clip.purpose;
    act.case_number = clip.case_number;
    act.outcome = "done";
    act.count = static_cast<std::int64_t>(files);
    act.role = auth::Role::officer;
    act.by = clip.officers[0] + ", " + clip.officers[1];
    co_return co_await parts_.audit.write(Kind::audit_exported, std::move(act));
}

/// The export, read up to `offset` or to somewhere before it.
Task<Result<std::shared_ptr<Clips::Fetch>>> Clips::fetch(const Clip& clip, std::uint64_t offset) {
    using Fetched = Result<std::shared_ptr<Fetch>>;
    const auto known = fetches_.find(clip.id);
    if (known != fetches_.end() && known->second->at <= offset) {
        known->second->used_at = parts_.clock.steady_now();
        co_return Fetched(known->second);
    }
    const bool is_first = known == fetches_.end();
    auto made = co_await make_export(clip);
    if (!made) co_return std::move(made).error();
    if (is_first) {
        // Nothing leaves before the audit trail has it on disk.
        auto noted = co_await note_handed_over(clip, (*made)->files());
        if (!noted) co_return std::move(noted).error();
    }
    while (fetches_.size() >= clips_being_fetched_max && is_first) {
        const auto oldest = std::min_element(fetches_.begin(), fetches_.end(),
                                             [](const auto& one, const auto& other) { return one.second->used_at < other.second->used_at; });
        fetches_.erase(oldest);
    }
    auto fresh = std::make_shared<Fetch>();
    fresh->made = std::move(*made);
    fresh->at = fresh->made->skip_towards(offset);
    fresh->used_at = parts_.clock.steady_now();
    fetches_.insert_or_assign(clip.id, fresh);
    co_return Fetched(std::move(fresh));
}

Task<Result<std::string>> Clips::piece_of(Clip clip, std::uint64_t offset, std::size_t bytes_max) {
    auto fetched = co_await fetch(clip, offset);
    if (!fetched) co_return std::move(fetched).error();
    auto held = std::move(*fetched);
    const auto whole = held->made->bytes();
    if (offset >= whole) co_return Error(Fault::malformed, "offset: beyond the clip's end");
    const auto wanted = std::min<std::uint64_t>(bytes_max, whole - offset);
    while (held->at + held->held.size() < offset + wanted) {
        auto piece = co_await parts_.recordings.next_of(held->made);
        if (!piece) {
            fetches_.erase(clip.id);
            co_return std::move(piece).error();
        }
        held->held.insert(held->held.end(), piece->begin(), piece->end());
        // What lies before the wanted place is not asked for again but after a loss; then it is made anew.
        const auto passed = std::min<std::uint64_t>(offset - held->at, held->held.size());
        held->held.erase(held->held.begin(), held->held.begin() + static_cast<std::ptrdiff_t>(passed));
        held->at += passed;
    }
    const auto begins = held->held.begin() + static_cast<std::ptrdiff_t>(offset - held->at);
    const Bytes bytes(begins, begins + static_cast<std::ptrdiff_t>(wanted));
    const json::object answer{
        {"clip", clip.id}, {"manifest", to_hex(sha256(held->made->manifest()))}, {"offset", offset}, {"bytes", whole}, {"data", to_base64(bytes)}};
    co_return json::serialize(answer);
}

Task<Result<std::string>> Clips::ask(std::string upstream, json::object args) {
    const auto id = text_at(args, "clip");
    if (!id) co_return co_await begin(std::move(upstream), std::move(args));
    const auto found = clips_.find(*id);
    // Another platform's clip is as good as none.
    if (found == clips_.end() || found->second.upstream != upstream) co_return Error(Fault::gone, "no such clip");
    Clip clip = found->second;
    if (!args.contains("offset")) co_return co_await state_of(std::move(clip));
    if (clip.state == Clip::State::waiting) co_return Error(Fault::busy, "it waits for the compound's yes");
    if (clip.state == Clip::State::declined) co_return Error(Fault::refused, "the compound said no");
    if (parts_.clock.now() > clip.until) co_return Error(Fault::gone, "it is over");
    const auto offset = number_at(args, "offset").value_or(-1);
    const auto bytes_max = number_at(args, "bytes_max").value_or(clip_piece_bytes_max);
    if (offset < 0) co_return Error(Fault::malformed, "args.offset: a place in the clip expected");
    if (bytes_max < static_cast<std::int64_t>(clip_piece_bytes_min) || bytes_max > static_cast<std::int64_t>(clip_piece_bytes_max))
        co_return Error(Fault::malformed, "args.bytes_max: 1024 to 131072 expected");
    co_return co_await piece_of(std::move(clip), static_cast<std::uint64_t>(offset), static_cast<std::size_t>(bytes_max));
}

json::array Clips::list() const {
    json::array all;
    for (auto one = clips_.rbegin(); one != clips_.rend(); ++one) all.push_back(to_json(one->second)); // ids hold their time
    return all;
}

std::size_t Clips::waiting() const {
    return static_cast<std::size_t>(
        std::count_if(clips_.begin(), clips_.end(), [](const auto& one) { return one.second.state == Clip::State::waiting; }));
}

Task<Result<json::object>> Clips::decide(std::string id, bool is_yes, std::string reason, registry::By by) {
    const auto found = clips_.find(id);
    if (found == clips_.end()) co_return Error(Fault::gone, "no such clip");
    if (found->second.state != Clip::State::waiting || !deciding_.insert(id).second) co_return Error(Fault::refused, "it was decided already");
    struct Deciding {
        std::set<std::string>& all;
        std::string id;
        ~Deciding() { all.erase(id); }
    } deciding{deciding_, id};
    Clip clip = found->second;
    clip.decided_by = by.role;
    if (is_yes) {
        auto approved = co_await approve(clip);
        if (!approved) co_return std::move(approved).error();
    } else {
        clip.state = Clip::State::declined;
        clip.decided_at = parts_.clock.now();
        clip.reason = cut_utf8(reason, text_bytes_max);
    }
    auto answer = to_json(clip);
    auto stored = co_await put(std::move(clip), "changed", std::move(by));
    if (!stored) co_return std::move(stored).error();
    co_return answer;
}

Task<void> Clips::run() {
    for (;;) {
        co_await parts_.clock.sleep_for(over_look_every);
        const auto now = parts_.clock.now();
        std::erase_if(fetches_, [&](const auto& one) { return parts_.clock.steady_now() - one.second->used_at > fetch_kept; });
        std::vector<Clip> over;
        for (const auto& [id, clip] : clips_)
            if (now > clip.until && !deciding_.contains(id)) over.push_back(clip);
        for (auto& clip : over) {
            fetches_.erase(clip.id);
            const std::string id = clip.id;
            registry::By by{"machine", ""};
            auto put_away = co_await put(std::move(clip), "removed", std::move(by));
            if (!put_away) log::warning("gatehoused", "a clip that is over stays", {{"clip", id}, {"what", put_away.error().what()}});
        }
    }
}

} // namespace gatehouse::app
