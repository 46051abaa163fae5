// SPDX-License-Identifier: Apache-2.0
//
// What readers met and could not read is confirmed, told and set aside, in one commit: only then does anybody pass over it.
#include "daemon/store/inside/core.hpp"
#include "daemon/store/inside/restoring.hpp"

namespace gatehouse::store {

namespace {

using namespace std::chrono_literals;
constexpr Duration alarm_every = 10min; ///< a rotting disk is one alarm, not hundreds; each range has its gap
constexpr std::string_view damaged_code = "log.damaged";

Result<std::optional<StoredRecord>> record_at(Connection& connection, std::uint64_t position) {
    using Found = std::optional<StoredRecord>;
    auto row = connection.use(GATEHOUSE_SELECT_RECORD "where r.position = ?");
    if (!row) return std::move(row).error();
    (*row)->bind(1, position);
    auto there = (*row)->step();
    if (!there) return std::move(there).error();
    if (!*there) return Found();
    auto record = read_row(**row);
    if (!record) return std::move(record).error();
    return Found(std::move(*record));
}

/// On a connection that remembers no page: the head reads well, so that it is these rows and not the disk.
Result<std::vector<DamagedRange>> confirmed(Connection& connection, const std::vector<DamagedRange>& met) {
    auto head = connection.number("select coalesce(max(last), 0) from seal");
    if (!head) return std::move(head).error();
    const auto last = static_cast<std::uint64_t>(*head);
    if (auto newest = record_at(connection, last); !newest)
        return Error(Fault::unreachable, "the log cannot be read at its head either: " + newest.error().what());
    std::vector<DamagedRange> sure;
    for (const auto& range : met) {
        if (range.last >= last) continue; // the head's own: for the writer to find
        auto record = record_at(connection, range.first);
        if (record && *record) continue;
        if (record) {
            auto accounted = is_accounted(connection, range.first, range.last);
            if (accounted && *accounted) continue;
        }
        sure.push_back(range);
    }
    return sure;
}

struct OfEpoch {
    std::string id;
    std::uint64_t first, last;
};

/// The epochs that `range` lies in, each with its part of it.
Result<std::vector<OfEpoch>> epochs_of(Connection& connection, const DamagedRange& range) {
    auto rows = connection.use("select id, first_position, lead(first_position) over (order by number) from epoch order by number");
    if (!rows) return std::move(rows).error();
    std::vector<OfEpoch> parts;
    for (;;) {
        auto row = (*rows)->step();
        if (!row) return std::move(row).error();
        if (!*row) return parts;
        const auto first = std::max(range.first, (*rows)->unsigned_number(1));
        const auto last = (*rows)->is_null(2) ? range.last : std::min(range.last, (*rows)->unsigned_number(2) - 1);
        if (first <= last) parts.push_back({(*rows)->string(0), first, last});
    }
}

/// How many of these positions retention had not taken before; none: that cannot be read either.
std::optional<std::uint64_t> missing_of(Connection& connection, const OfEpoch& part) {
    auto row = connection.use("select (select count(*) from removed where position between ?1 and ?2), (select coalesce((select first from seal "
                              "order by last limit 1), 1))");
    if (!row) return std::nullopt;
    (*row)->bind(1, part.first).bind(2, part.last);
    if (auto there = (*row)->step(); !there || !*there) return std::nullopt;
    if (part.first < (*row)->unsigned_number(1)) return std::nullopt;
    const auto all = part.last - part.first + 1;
    return all - std::min(all, (*row)->unsigned_number(0));
}

} // namespace

Task<Result<std::vector<DamagedRange>>> EventLog::Inside::confirm(std::vector<DamagedRange> met) {
    using Ranges = std::vector<DamagedRange>;
    auto self = shared_from_this();
    std::function<Result<Ranges>()> work = [self, met = std::move(met)]() -> Result<Ranges> {
        auto lease = self->readers.take_new();
        if (!lease) return std::move(lease).error();
        return confirmed(**lease, met);
    };
    co_return co_await on<Result<Ranges>>(parts.pool, std::move(work));
}

Task<Result<bool>> EventLog::Inside::set_aside_met() {
    auto self = shared_from_this();
    if (is_setting_aside) {
        co_await was_set_aside.wait();
        co_return true;
    }
    auto met = damage.take_met();
    if (met.empty()) co_return false;
    is_setting_aside = true;
    was_set_aside.reset();
    struct Ending {
        EventLog::Inside& inside;
        ~Ending() {
            inside.is_setting_aside = false;
            inside.was_set_aside.set();
        }
    } ending{*this};

    auto sure = co_await confirm(std::move(met));
    if (!sure) co_return std::move(sure).error();
    if (sure->empty()) co_return false;
    using Ranges = std::vector<DamagedRange>;
    const auto now = parts.clock.now();
    const bool raises = !damage_alarmed_at || parts.clock.steady_now() - *damage_alarmed_at >= alarm_every;
    std::function<Result<Ranges>(LogWriter&)> work = [self, ranges = std::move(*sure), now, raises](LogWriter& log) {
        return set_aside(log, ranges, raises, self->hashes, now, self->parts.entropy);
    };
    auto all = co_await change<Ranges>(std::move(work));
    if (!all) co_return std::move(all).error();
    if (raises) damage_alarmed_at = parts.clock.steady_now();
    damaged_records = 0;
    for (const auto& range : *all) damaged_records += range.positions();
    log::error("store", "records of the log are damaged and were set aside", {{"damaged", damaged_records}, {"first", all->front().first}});
    damage.replace(std::move(*all));
    co_return true;
}

Result<std::vector<DamagedRange>> set_aside(LogWriter& log, const std::vector<DamagedRange>& met, bool raises, const HashKeys& hashes, Time now,
                                            Entropy& entropy) {
    auto& connection = log.connection();
    auto text = note_of(connection, damage_note);
    if (!text) return std::move(text).error();
    auto known = parse_damage(*text);
    auto joined = join_damage(known ? std::move(*known) : std::vector<DamagedRange>(), met);
    const auto append = [&](Kind kind, json::object facts) -> Done {
        return append_gateway_record(log, kind, std::move(facts), hashes, now, entropy);
    };
    for (const auto& range : joined.added) {
        auto parts = epochs_of(connection, range);
        if (!parts) return std::move(parts).error();
        for (const auto& part : *parts) {
            const auto missing = missing_of(connection, part);
            if (missing == 0u) continue;
            json::object gap{{"of", "gateway"}, {"cause", "damaged"}, {"epoch", part.id}, {"first", part.first}, {"last", part.last}};
            gap["count"] = missing.value_or(part.last - part.first + 1);
            gap["count_known"] = missing.has_value();
            if (auto told = append(Kind::gap, std::move(gap)); !told) return std::move(told).error();
        }
    }
    if (raises && !joined.added.empty()) {
        const auto& first = joined.added.front();
        json::object alarm{
            {"code", damaged_code},
            {"cause", "records " + std::to_string(first.first) + " to " + std::to_string(first.last) + " are damaged on the disk: " + first.why}};
        if (auto told = append(Kind::alarm_raised, std::move(alarm)); !told) return std::move(told).error();
    }
    if (auto noted = write_note(connection, damage_note, damage_text(joined.all)); !noted) return std::move(noted).error();
    return std::move(joined.all);
}

} // namespace gatehouse::store
