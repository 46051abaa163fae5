// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/retention.hpp"

#include "daemon/store/tables.hpp"

#include "daemon/store/record_row.hpp"

#include <algorithm>

namespace gatehouse::store {

namespace {

using std::chrono::days;

bool is_of_lane(const std::string& reader, const AgedRow& row) {
    constexpr std::string_view upstreams = "upstream/";
    if (!reader.starts_with(upstreams)) return true; // incidents and the like read everything
    const auto lane = lane_named(std::string_view(reader).substr(reader.rfind('/') + 1));
    if (!lane) return true;
    if (*lane == Lane::pictures) return row.has_pictures;
    // Gaps and digests go to every upstream by their kind's lane like all others.
    return spec_of(row.kind).lane == *lane;
}

json::object gap_facts(const std::string& reader, const PassedOver& passed, const std::string& epoch) {
    json::object facts{{"cause", "retention"},  {"count", passed.count}, {"count_known", true},
                       {"first", passed.first}, {"last", passed.last},   {"epoch", epoch}};
    constexpr std::string_view upstreams = "upstream/";
    const auto slash = reader.rfind('/');
    if (reader.starts_with(upstreams) && slash > upstreams.size()) {
        facts["upstream"] = reader.substr(upstreams.size(), slash - upstreams.size());
        facts["lane"] = reader.substr(slash + 1);
    } else {
        facts["of"] = reader;
    }
    return facts;
}

Done run_at(Connection& connection, std::string_view sql, std::uint64_t position) {
    auto row = connection.use(sql);
    if (!row) return std::move(row).error();
    (*row)->bind(1, position);
    return (*row)->run();
}

} // namespace

Kept RetentionRules::kept_for(Kind kind) const {
    const auto found = kept_.find(spec_of(kind).kept);
    return found == kept_.end() ? Kept() : found->second;
}

std::vector<std::string> RetentionRules::needed_by(const AgedRow& row) const {
    std::vector<std::string> readers;
    for (const auto& [name, cursor] : readers_)
        if (cursor.settled < row.position && is_of_lane(name, row)) readers.push_back(name);
    return readers;
}

Fate RetentionRules::fate_of(const AgedRow& row) const {
    if (row.is_damaged) return row.at <= now_ - days(least_ceiling_days()) ? Fate::goes : Fate::stays;
    const auto kept = kept_for(row.kind);
    if (row.at > now_ - days(kept.floor_days)) return Fate::stays;
    const bool is_past_ceiling = row.at <= now_ - days(kept.ceiling_days);
    if (needed_by(row).empty()) return Fate::goes;
    return is_past_ceiling || is_at_reserve_ ? Fate::goes_unread : Fate::stays;
}

bool RetentionRules::is_near_ceiling(const AgedRow& row) const {
    if (row.is_damaged) return false;
    const auto kept = kept_for(row.kind);
    return row.at <= now_ - days(kept.ceiling_days) + days(near_ceiling_days) && !needed_by(row).empty();
}

// Whose class nobody can tell any more goes with the shortest: it is of no use, and may hold a person's data.
int RetentionRules::least_ceiling_days() const {
    int least = kept_.empty() ? Kept().ceiling_days : kept_.begin()->second.ceiling_days;
    for (const auto& [kept_class, kept] : kept_) least = std::min(least, kept.ceiling_days);
    return least;
}

Time RetentionRules::youngest_of_interest() const {
    int least = kept_.empty() ? Kept().floor_days : kept_.begin()->second.floor_days;
    for (const auto& [kept_class, kept] : kept_) least = std::min({least, kept.floor_days, kept.ceiling_days - near_ceiling_days});
    return now_ - days(std::max(least, 0));
}

namespace {

/// What of a range that was set aside can be found by its position, and thus be deleted.
void add_damaged(Connection& connection, const DamagedRange& range, std::uint64_t through, Time at,
                 const std::function<Time(std::uint64_t, Time)>& heard, std::vector<AgedRow>& aged) {
    for (auto position = range.first; position <= std::min(range.last, through); ++position) {
        auto row = connection.use("select heard_at from record where position = ?");
        if (!row) return;
        (*row)->bind(1, position);
        if (auto there = (*row)->step(); !there || !*there) continue;
        AgedRow made;
        made.position = position;
        made.at = std::min(at, heard(position, from_us((*row)->number(0)))); // which may be wrong, but nothing is kept longer for it
        made.is_damaged = true;
        aged.push_back(made);
    }
}

} // namespace

Result<std::vector<AgedRow>> read_aged(Connection& connection, Damage& damage, std::uint64_t after, const ClockMarks& marks, Time now) {
    const auto heard = [&](std::uint64_t position, Time claimed) { return marks.heard_at(position, claimed, now); };
    Walk walk(connection, damage,
              "select position, kind, happened_at, heard_at, clock, clock_offset_us, pictures is not null from record "
              "where position >= ? and position <= ? order by position",
              after);
    std::vector<AgedRow> aged;
    for (;;) {
        auto row = walk.next();
        if (!row) return std::move(row).error();
        if (!*row) return aged;
        const auto& columns = walk.row();
        const auto kind = kind_named(columns.text(1));
        StoredRecord times;
        if (!columns.is_null(2)) times.happened_at = from_us(columns.number(2));
        times.heard_at = from_us(columns.number(3));
        times.clock = static_cast<ClockState>(columns.number(4));
        times.clock_offset_us = columns.number(5);
        AgedRow made;
        made.position = columns.unsigned_number(0);
        made.kind = kind.value_or(Kind::device_event);
        // A device that sends us into the future must not keep its records for ever: what lies more than a day behind when we heard it counts
        // from then.
        made.at = effective_time(times);
        if (made.at > times.heard_at + days(1)) made.at = times.heard_at;
        // How far a device's clock was off may have been measured by ours before that was set right.
        if (times.clock == ClockState::skewed && made.at < times.heard_at - days(1)) made.at = times.heard_at;
        // Our own clock was wrong when it came: neither time is good for anything.
        if (const auto heard_at = heard(made.position, times.heard_at); heard_at != times.heard_at) made.at = heard_at;
        made.has_pictures = columns.number(6) != 0;
        for (auto range = damage.next_behind(after); range && range->first < made.position; range = damage.next_behind(range->last))
            add_damaged(connection, *range, made.position - 1, made.at, heard, aged);
        after = made.position;
        aged.push_back(made);
        if (aged.size() >= retention_rows_max) return aged;
    }
}

Result<std::vector<StoredRecord>> read_records(Connection& connection, Damage& damage, const std::vector<std::uint64_t>& positions) {
    std::vector<StoredRecord> records;
    for (const auto position : positions) {
        if (damage.holding(position)) {
            records.emplace_back().position = position;
            continue;
        }
        auto rows = connection.use(GATEHOUSE_SELECT_RECORD "where r.position = ?");
        if (!rows) return std::move(rows).error();
        (*rows)->bind(1, position);
        auto row = (*rows)->step();
        if (!row) return std::move(row).error();
        if (!*row) continue;
        auto record = read_row(**rows);
        if (!record) {
            damage.meet({position, position, record.error().what()});
            return std::move(record).error();
        }
        records.push_back(std::move(*record));
    }
    return records;
}

Done remove_records(LogWriter& log, const std::vector<StoredRecord>& records, const std::map<std::string, PassedOver>& passed_over,
                    const HashKeys& hashes, Time now, Entropy& entropy) {
    auto& connection = log.connection();
    std::uint64_t last_removed = 0;
    for (const auto& record : records) {
        if (auto left = run_at(connection, "insert into removed(position, commitment) select position, commitment from record where position = ?",
                               record.position);
            !left)
            return left;
        if (auto gone = run_at(connection, "delete from record where position = ?", record.position); !gone) return gone;
        last_removed = std::max(last_removed, record.position);
    }
    for (const auto& [reader, passed] : passed_over) {
        auto cursor = cursor_of(connection, reader);
        if (!cursor) return std::move(cursor).error();
        if (!*cursor) continue;
        auto next = connection.use("select min(position) from record where position > ?");
        if (!next) return std::move(next).error();
        (*next)->bind(1, (*cursor)->settled);
        auto row = (*next)->step();
        const bool next_is_unknown = !row && row.error().fault() == Fault::damaged; // the reader gets past it by itself
        if (!row && !next_is_unknown) return std::move(row).error();
        // As far as nothing is left; what stays in between the reader still reads.
        const auto settled = next_is_unknown                ? (*cursor)->settled
                             : *row && !(*next)->is_null(0) ? std::min((*next)->unsigned_number(0) - 1, last_removed)
                                                            : last_removed;
        if (settled > (*cursor)->settled) {
            const Cursor to{settled, (*cursor)->member};
            if (auto moved = move_cursor(connection, reader, to); !moved) return moved;
        }
        Record gap;
        gap.kind = Kind::gap;
        gap.heard_at = now;
        gap.source = "gateway";
        gap.facts = gap_facts(reader, passed, log.epoch());
        auto prepared = prepare(gap, {}, hashes, now, entropy);
        if (!prepared) return std::move(prepared).error();
        if (auto appended = log.append(*prepared, std::nullopt); !appended) return std::move(appended).error();
    }
    return {};
}

Result<std::uint64_t> condense(LogWriter& log) {
    auto& connection = log.connection();
    std::uint64_t through = 0;
    {
        // The newest digest's own stretch stays, and so does the last seal: the head is verified from it.
        auto row = connection.use("select coalesce(max(last), 0) from signed_digest where last < coalesce((select min(position) from record), 0) "
                                  "and last < (select coalesce(max(last), 0) from seal)");
        if (!row) return std::move(row).error();
        auto there = (*row)->step();
        // Where the oldest row stands cannot be read: everything stays as it is.
        if (!there && there.error().fault() == Fault::damaged) return through;
        if (!there) return std::move(there).error();
        through = (*row)->unsigned_number(0);
    }
    if (through == 0) return through;
    std::uint64_t condensed = 0;
    {
        auto row = connection.use("select count(*) from removed where position <= ?");
        if (!row) return std::move(row).error();
        (*row)->bind(1, through);
        auto there = (*row)->step();
        if (!there) return std::move(there).error();
        condensed = (*row)->unsigned_number(0);
    }
    if (condensed == 0) return condensed;
    if (auto done = run_at(connection, "delete from removed where position <= ?", through); !done) return std::move(done).error();
    if (auto done = run_at(connection, "delete from seal where last <= ?", through); !done) return std::move(done).error();
    return condensed;
}

Result<RetentionReport> make_report(Connection& connection, const std::map<RetentionClass, Kept>& kept, std::uint64_t database_bytes,
                                    std::uint64_t free_bytes, std::uint64_t reserve_bytes, const ClockMarks& marks, Time now) {
    RetentionReport report;
    report.database_bytes = database_bytes;
    auto page = connection.number("pragma page_size");
    auto unused = connection.number("pragma freelist_count");
    if (!page) return std::move(page).error();
    if (!unused) return std::move(unused).error();
    // Pages that deleted records left are room as well.
    const auto reusable = static_cast<std::uint64_t>(*page) * static_cast<std::uint64_t>(*unused);
    report.free_bytes = free_bytes + reusable;
    auto row = connection.use("select heard_at, position from record order by position limit 1");
    if (!row) return std::move(row).error();
    auto there = (*row)->step();
    if (!there && there.error().fault() == Fault::damaged) return report;
    if (!there) return std::move(there).error();
    if (!*there || (*row)->is_null(0)) return report;
    const auto oldest = marks.heard_at((*row)->unsigned_number(1), from_us((*row)->number(0)), now);
    report.oldest = oldest;
    const auto held = now - oldest;
    if (held < std::chrono::hours(1)) return report;
    const auto used = database_bytes > reusable ? database_bytes - reusable : 0;
    const double per_hour = static_cast<double>(used) / (static_cast<double>(held.count()) / 3.6e9);
    if (per_hour <= 0) return report;
    report.bytes_per_day = static_cast<std::uint64_t>(per_hour * 24);
    const auto room = report.free_bytes > reserve_bytes ? report.free_bytes - reserve_bytes : 0;
    report.hours_left = static_cast<std::uint64_t>(static_cast<double>(room) / per_hour);
    int most = 0;
    for (const auto& [kept_class, days_kept] : kept) most = std::max(most, days_kept.floor_days);
    constexpr std::uint64_t hours_foreseen_max = 24ull * 366 * 10;
    const auto full_at = now + std::chrono::hours(std::min(*report.hours_left, hours_foreseen_max));
    // On that day room can be made only of what is past its floor.
    if (*report.hours_left < hours_foreseen_max && full_at - oldest < days(most)) report.floor_breaks_at = full_at;
    return report;
}

} // namespace gatehouse::store
