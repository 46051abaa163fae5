// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/coverage_route.hpp"

#include "daemon/console/inside/status.hpp"
#include "daemon/store/record_row.hpp"

#include <array>

namespace gatehouse::console::inside {

namespace {

using What = Heard::What;

constexpr std::size_t page_records = 500;
constexpr std::size_t state_pages_max = 200; // 20,000 rows looked at, at most, each
constexpr std::size_t before_pages_max = 20;
constexpr std::size_t before_records = 50; // how far back the last number before the question is looked for
constexpr Duration clock_slack = std::chrono::seconds(15);
// Retention may have taken older device.online records (class device, 30 days at least), never a younger one.
constexpr std::chrono::days state_records_kept{30};
constexpr Duration range_usual = std::chrono::hours(24);
constexpr Duration evidence_after = std::chrono::hours(24); // of what lies beyond the question: the event that closes an outage

struct Range {
    Time from{}, to{}, now{};
};

struct Found {
    std::vector<Heard> heard;
    bool is_whole = true;
};

json::object facts_of(const store::StoredRecord& record) {
    auto parsed = parse_json(record.facts);
    if (!parsed || !parsed->is_object()) return {};
    return std::move(parsed->get_object());
}

std::optional<Time> time_at(const json::object& facts, std::string_view name) {
    const auto text = text_at(facts, name);
    if (!text) return std::nullopt;
    const auto time = parse_time(*text);
    return time ? std::optional<Time>(*time) : std::nullopt;
}

std::optional<std::uint64_t> count_at(const json::object& facts, std::string_view name) {
    const auto number = number_at(facts, name);
    return number && *number >= 0 ? std::optional<std::uint64_t>(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

Heard heard_as(What what, const store::StoredRecord& record) {
    Heard heard;
    heard.what = what;
    heard.position = record.position;
    heard.heard_at = record.heard_at;
    return heard;
}

Heard heard_event(const store::StoredRecord& record, const json::object& facts) {
    auto heard = heard_as(What::event, record);
    heard.key = record.device_key;
    heard.generation = record.generation;
    heard.is_recovered = bool_at(facts, "recovered").value_or(false);
    const auto at = store::effective_time(record);
    const bool is_believed = record.happened_at && record.clock != ClockState::unsynced && at <= record.heard_at + clock_slack;
    if (is_believed)
        heard.at = std::min(at, record.heard_at);
    else if (!heard.is_recovered)
        heard.at = record.heard_at; // as it happened
    return heard;
}

Heard heard_gap(const store::StoredRecord& record, const json::object& facts) {
    auto heard = heard_as(What::gap, record);
    heard.from = time_at(facts, "from");
    heard.to = time_at(facts, "to");
    heard.first = count_at(facts, "first");
    heard.last = count_at(facts, "last");
    heard.generation = static_cast<std::uint32_t>(number_at(facts, "generation").value_or(0));
    if (bool_at(facts, "count_known").value_or(false)) heard.lost = count_at(facts, "count");
    heard.cause = text_at(facts, "cause").value_or("gap");
    return heard;
}

/// Whether the record tells of the device's conversation, and what.
std::optional<Heard> heard_state(const std::string& id, const store::StoredRecord& record) {
    const bool is_own = record.source == id;
    const auto facts = facts_of(record);
    const auto cause = text_at(facts, "cause").value_or("");
    switch (record.kind) {
    case Kind::device_online:
        if (is_own) return heard_as(What::online, record);
        return std::nullopt;
    case Kind::device_offline:
    case Kind::device_dark: {
        if (!is_own) return std::nullopt;
        auto heard = heard_as(What::offline, record);
        heard.silent_since = time_at(facts, "silent_since");
        return heard;
    }
    case Kind::gap:
        if (text_at(facts, "of") == id) return heard_gap(record, facts);
        return std::nullopt;
    case Kind::gateway_started:
        if (cause == "renewed") return std::nullopt; // a new epoch of a running gateway
        return heard_as(What::started, record);
    case Kind::gateway_stopped: return heard_as(What::stopped, record);
    case Kind::registry_changed: {
        if (text_at(facts, "what") != "device" || text_at(facts, "id") != id) return std::nullopt;
        const auto action = text_at(facts, "action").value_or("");
        if (action == "removed") return heard_as(What::removed, record);
        auto heard = heard_as(What::changed, record);
        if (action == "added") heard.cause = "never_heard";
        return heard;
    }
    default: return std::nullopt;
    }
}

constexpr std::array state_kinds{Kind::device_online,   Kind::device_offline,  Kind::device_dark,     Kind::gap,
                                 Kind::gateway_started, Kind::gateway_stopped, Kind::registry_changed};

/// All of one kind from the question's beginning to now: what ends or explains a time may be told long after it.
Task<Done> read_states(Parts& parts, const std::string& id, Kind kind, const Range& range, std::vector<Heard>& into) {
    store::HistoryQuery query;
    query.kind = kind;
    query.from = range.from;
    query.records_max = page_records;
    for (std::size_t page_number = 0; page_number < state_pages_max; ++page_number) {
        auto page = co_await parts.admin.history(query);
        if (!page) co_return std::move(page).error();
        for (const auto& record : page->records)
            if (auto heard = heard_state(id, record)) into.push_back(std::move(*heard));
        if (!page->next) co_return Done();
        query.before = page->next;
    }
    co_return Error(Fault::full, "too many records of kind " + std::string(gatehouse::name_of(kind)) + ": ask for a shorter time");
}

/// The newest of one kind before the question: how things stood at its beginning.
Task<Done> read_state_before(Parts& parts, const std::string& id, Kind kind, const Range& range, std::vector<Heard>& into) {
    store::HistoryQuery query;
    query.kind = kind;
    query.to = range.from - Duration(1);
    query.records_max = page_records;
    for (std::size_t page_number = 0; page_number < before_pages_max; ++page_number) {
        auto page = co_await parts.admin.history(query);
        if (!page) co_return std::move(page).error();
        for (const auto& record : page->records) {
            auto heard = heard_state(id, record);
            if (!heard) continue;
            into.push_back(std::move(*heard));
            co_return Done();
        }
        if (!page->next) co_return Done();
        query.before = page->next;
    }
    co_return Done(); // nothing known from so long ago: unknown
}

/// Its events before the question, so far that the last number is among them.
Task<Done> read_events_before(Parts& parts, const std::string& id, const Range& range, std::vector<Heard>& into) {
    store::HistoryQuery query;
    query.source = id;
    query.to = range.from - Duration(1);
    query.records_max = before_records;
    auto page = co_await parts.admin.history(query);
    if (!page) co_return std::move(page).error();
    for (const auto& record : page->records)
        if (!heard_state(id, record)) into.push_back(heard_event(record, facts_of(record)));
    co_return Done();
}

Task<Done> read_events(Parts& parts, const std::string& id, const Range& range, Found& into) {
    store::HistoryQuery query;
    query.source = id;
    query.from = range.from;
    query.to = std::min(range.now, range.to + evidence_after);
    query.records_max = page_records;
    for (std::size_t seen = 0; seen < coverage_events_max; seen += page_records) {
        auto page = co_await parts.admin.history(query);
        if (!page) co_return std::move(page).error();
        for (const auto& record : page->records)
            if (!heard_state(id, record)) into.heard.push_back(heard_event(record, facts_of(record)));
        if (!page->next) co_return Done();
        query.before = page->next;
    }
    into.is_whole = false;
    co_return Done();
}

/// A start ends what the gateway listened to where the log before it ends.
Task<Done> date_starts(Parts& parts, std::vector<Heard>& heard) {
    for (auto& one : heard) {
        if (one.what != What::started || one.position <= 1) continue;
        auto before = co_await parts.store.read_at(one.position - 1);
        if (!before) co_return std::move(before).error();
        if (*before) one.silent_since = (*before)->heard_at;
    }
    co_return Done();
}

/// Only the gateway's start is left of a time whose device records retention may have taken: then it says nothing about the device.
void forget_old_starts(std::vector<Heard>& before, const Range& range) {
    const auto tells_of_device = [](const Heard& one) { return one.what == What::online || one.what == What::offline; };
    if (std::any_of(before.begin(), before.end(), tells_of_device)) return;
    std::erase_if(before, [&](const Heard& one) {
        const bool is_gateways = one.what == What::started || one.what == What::stopped;
        return is_gateways && one.heard_at < range.now - state_records_kept;
    });
}

Task<Result<Found>> find(Parts& parts, const std::string& id, const Range& range) {
    Found found;
    for (const auto kind : state_kinds) {
        if (kind == Kind::gap) continue;
        auto before = co_await read_state_before(parts, id, kind, range, found.heard);
        if (!before) co_return std::move(before).error();
    }
    forget_old_starts(found.heard, range);
    auto events_before = co_await read_events_before(parts, id, range, found.heard);
    if (!events_before) co_return std::move(events_before).error();
    for (const auto kind : state_kinds) {
        auto within = co_await read_states(parts, id, kind, range, found.heard);
        if (!within) co_return std::move(within).error();
    }
    auto dated = co_await date_starts(parts, found.heard);
    if (!dated) co_return std::move(dated).error();
    auto events = co_await read_events(parts, id, range, found);
    if (!events) co_return std::move(events).error();
    co_return found;
}

/// How far a conversation that the log does not end can be believed.
Task<CoverageQuestion> ask_until(Parts& parts, const std::string& id, const Range& range) {
    CoverageQuestion question;
    question.from = range.from;
    question.to = range.to;
    question.heard_until = range.from;
    const auto statuses = parts.device_statuses();
    const auto status = statuses.find(id);
    if (status != statuses.end()) {
        const bool is_online = status->second.state == drivers::DeviceStatus::State::online;
        question.heard_until = is_online ? range.now : status->second.heard_at.value_or(range.from);
    }
    // What is heard now cannot be stored; it is recovered later, or a gap says that it was not.
    if (parts.store.status().disk != store::DiskState::sound) {
        question.end_cause = "disk";
        auto last = co_await parts.store.read_at(parts.store.head().position);
        const bool is_known = last && *last;
        question.heard_until = std::min(question.heard_until, is_known ? (*last)->heard_at : range.from);
    }
    co_return question;
}

Result<Range> range_of(const Parts& parts, const Asking& asking) {
    Range range;
    range.now = parts.clock.now();
    auto from = time_of(asking, "from");
    if (!from) return std::move(from).error();
    auto to = time_of(asking, "to");
    if (!to) return std::move(to).error();
    // Nobody has heard the future.
    range.to = std::min(to->value_or(range.now), range.now);
    range.from = from->value_or(range.to - range_usual);
    if (range.from >= range.to) return Error(Fault::malformed, "from: a time before 'to' and before now expected");
    if (range.to - range.from > coverage_range_max)
        return Error(Fault::malformed, "from, to: at most " + std::to_string(coverage_range_max.count()) + " days apart");
    return range;
}

json::object coverage_json(const std::string& id, const Range& range, std::vector<CoverageSpan> spans, bool is_whole) {
    const bool is_more = spans.size() > coverage_spans_max;
    if (is_more) spans.resize(coverage_spans_max);
    json::array array;
    std::array<Duration, 3> sums{};
    for (const auto& span : spans) {
        json::object row{{"state", name_of(span.state)}, {"from", to_text(span.from)}, {"to", to_text(span.to)}};
        if (!span.cause.empty()) row["cause"] = span.cause;
        if (span.lost) row["lost"] = *span.lost;
        array.push_back(std::move(row));
        sums.at(static_cast<std::size_t>(span.state)) += span.to - span.from;
    }
    const auto seconds = [&](CoverageSpan::State state) {
        return std::chrono::duration_cast<std::chrono::seconds>(sums.at(static_cast<std::size_t>(state))).count();
    };
    const auto to = is_more ? spans.back().to : range.to;
    json::object answer{{"source", id},
                        {"from", to_text(range.from)},
                        {"to", to_text(to)},
                        {"spans", std::move(array)},
                        {"covered_s", seconds(CoverageSpan::State::covered)},
                        {"recovered_s", seconds(CoverageSpan::State::recovered)},
                        {"unknown_s", seconds(CoverageSpan::State::unknown)},
                        {"complete", is_whole}};
    answer["next"] = is_more ? json::value(to_text(to)) : json::value(nullptr);
    return answer;
}

} // namespace

Task<net::HttpResponse> get_coverage(Parts& parts, const Asking& asking) {
    const auto id = asking.parameters[0];
    auto range = range_of(parts, asking);
    if (!range) co_return problem_of(range.error());
    auto found = co_await find(parts, id, *range);
    if (!found) co_return problem_of(found.error());
    // A device that was removed has a past; one that never was has none, nor has the gateway itself here.
    const auto is_of_device = [](const Heard& one) { return one.what != What::started && one.what != What::stopped && one.what != What::event; };
    const bool is_registered = parts.registry.devices().contains(id);
    if (!is_registered && std::none_of(found->heard.begin(), found->heard.end(), is_of_device)) co_return problem("not-found", "no such device");
    const auto question = co_await ask_until(parts, id, *range);
    auto spans = coverage_of(std::move(found->heard), question);
    co_return json_answer(coverage_json(id, *range, std::move(spans), found->is_whole));
}

} // namespace gatehouse::console::inside
