// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/records.hpp"

#include "daemon/base/text.hpp"
#include "daemon/console/inside/etag.hpp"
#include "daemon/console/inside/record_json.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::console::inside {

namespace {

constexpr std::size_t subject_bytes_max = 256;

/// What a query asks for, checked; whether personal parts are wanted.
struct Wanted {
    store::HistoryQuery history;
    bool personal = false;
};

Done read_page(const Asking& asking, store::HistoryQuery& into) {
    auto limit = number_of(asking, "limit", 1, page_records_max, page_records_usual);
    if (!limit) return std::move(limit).error();
    into.records_max = static_cast<std::size_t>(*limit);
    if (asking.query.contains("before")) {
        auto before = number_of(asking, "before", 1, INT64_MAX, 1);
        if (!before) return std::move(before).error();
        into.before = *before;
    }
    auto from = time_of(asking, "from");
    if (!from) return std::move(from).error();
    auto to = time_of(asking, "to");
    if (!to) return std::move(to).error();
    into.from = *from;
    into.to = *to;
    return {};
}

Result<Wanted> read_wanted(const Asking& asking) {
    Wanted wanted;
    if (auto good = read_kind_and_source(asking, wanted.history); !good) return std::move(good).error();
    if (auto good = read_page(asking, wanted.history); !good) return std::move(good).error();
    if (auto good = read_subject(asking, wanted.history); !good) return std::move(good).error();
    auto look_alike = flag_of(asking, "look_alike");
    if (!look_alike) return std::move(look_alike).error();
    wanted.history.look_alike = *look_alike;
    auto personal = flag_of(asking, "personal");
    if (!personal) return std::move(personal).error();
    // Which records a person is in is personal too.
    wanted.personal = *personal || !wanted.history.subject.empty();
    return wanted;
}

json::object page_json(const std::vector<store::StoredRecord>& records, const std::optional<std::uint64_t>& next, bool personal) {
    json::array array;
    for (const auto& record : records) array.push_back(to_json(record, personal));
    json::object page{{"records", std::move(array)}};
    page["next"] = next ? json::value(*next) : json::value(nullptr);
    return page;
}

/// The record of the path's {position}, or the problem.
Task<Result<store::StoredRecord>> record_of(Parts& parts, const Asking& asking) {
    const auto position = to_number(asking.parameters[0]);
    if (!position || *position < 1) co_return Error(Fault::malformed, "position: a whole number from 1 on expected");
    auto record = co_await parts.store.read_at(static_cast<std::uint64_t>(*position));
    if (!record) co_return std::move(record).error();
    if (!*record) co_return Error(Fault::gone, "no record at this position (any more)");
    co_return std::move(**record);
}

} // namespace

Result<bool> flag_of(const Asking& asking, const std::string& name) {
    const auto value = asking.value_of(name);
    if (value.empty() || value == "false") return false;
    if (value == "true") return true;
    return Error(Fault::malformed, name + ": true or false expected");
}

Done read_kind_and_source(const Asking& asking, store::HistoryQuery& into) {
    const auto kind = asking.value_of("kind");
    if (!kind.empty()) {
        into.kind = kind_named(kind);
        if (!into.kind) return Error(Fault::malformed, "kind: no such kind of record");
    }
    into.source = std::string(asking.value_of("source"));
    if (into.source.size() > id_bytes_max) return Error(Fault::malformed, "source: at most 64 bytes");
    return {};
}

Done read_subject(const Asking& asking, store::HistoryQuery& into) {
    into.subject = std::string(asking.value_of("subject"));
    if (into.subject.size() > subject_bytes_max) return Error(Fault::malformed, "subject: at most 256 bytes");
    return {};
}

net::HttpResponse lacks_personal() { return problem("not-allowed", "personal data needs the permission see_personal"); }

Task<net::HttpResponse> get_records(Parts& parts, const Asking& asking) {
    auto wanted = read_wanted(asking);
    if (!wanted) co_return problem_of(wanted.error());
    if (wanted->personal && !asking.may(auth::May::see_personal)) co_return lacks_personal();
    auto page = co_await parts.admin.history(wanted->history);
    if (!page) co_return problem_of(page.error());
    if (wanted->personal) {
        std::string what = wanted->history.subject.empty() ? "records" : "records of a subject";
        auto noted = co_await note_act(parts, asking, Kind::audit_read, std::move(what), static_cast<std::int64_t>(page->records.size()));
        if (!noted) co_return problem_of(noted.error());
    }
    co_return json_answer(page_json(page->records, page->next, wanted->personal));
}

Task<net::HttpResponse> get_record(Parts& parts, const Asking& asking) {
    auto personal = flag_of(asking, "personal");
    if (!personal) co_return problem_of(personal.error());
    if (*personal && !asking.may(auth::May::see_personal)) co_return lacks_personal();
    auto record = co_await record_of(parts, asking);
    if (!record) co_return problem_of(record.error());
    if (*personal) {
        auto noted = co_await note_act(parts, asking, Kind::audit_read, "record", 1);
        if (!noted) co_return problem_of(noted.error());
    }
    // A record changes once at most: when its subject is erased.
    const auto state = to_hex(record->commitment) + (record->erased ? "|erased" : "") + (*personal ? "|personal" : "");
    co_return tagged(asking, json_answer(to_json(*record, *personal)), etag_of(state));
}

Task<net::HttpResponse> get_picture(Parts& parts, const Asking& asking) {
    auto wanted = array_from_hex<32>(asking.parameters[1]);
    if (!wanted) co_return problem("malformed", "sha256: 64 hexadecimal digits expected");
    auto record = co_await record_of(parts, asking);
    if (!record) co_return problem_of(record.error());
    // Only by way of a record: a digest alone opens nothing.
    const auto is_wanted = [&](const store::PictureRef& picture) { return picture.sha256 == *wanted; };
    if (std::none_of(record->pictures.begin(), record->pictures.end(), is_wanted))
        co_return problem("not-found", "the record has no such picture (any more)");
    auto bytes = co_await parts.store.read_picture(*wanted);
    if (!bytes) co_return problem_of(bytes.error());
    auto noted = co_await note_act(parts, asking, Kind::audit_read, "picture", 1);
    if (!noted) co_return problem_of(noted.error());
    co_return text_answer(std::string(as_text(*bytes)), "image/jpeg");
}

Task<net::HttpResponse> get_audit(Parts& parts, const Asking& asking) {
    store::HistoryQuery query;
    if (auto good = read_page(asking, query); !good) co_return problem_of(good.error());
    std::vector<store::StoredRecord> records;
    bool is_more = false;
    for (const auto kind : {Kind::audit_read, Kind::audit_exported, Kind::audit_changed}) {
        query.kind = kind;
        auto page = co_await parts.admin.history(query);
        if (!page) co_return problem_of(page.error());
        is_more = is_more || page->next.has_value();
        std::move(page->records.begin(), page->records.end(), std::back_inserter(records));
    }
    std::sort(records.begin(), records.end(), [](const auto& one, const auto& other) { return one.position > other.position; });
    is_more = is_more || records.size() > query.records_max;
    if (records.size() > query.records_max) records.resize(query.records_max);
    auto noted = co_await note_act(parts, asking, Kind::audit_read, "audit trail", static_cast<std::int64_t>(records.size()));
    if (!noted) co_return problem_of(noted.error());
    std::optional<std::uint64_t> next;
    if (is_more && !records.empty()) next = records.back().position;
    co_return json_answer(page_json(records, next, true));
}

} // namespace gatehouse::console::inside
