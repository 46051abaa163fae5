// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/history_index.hpp"

#include "daemon/base/log.hpp"
#include "daemon/store/look_alike.hpp"

#include <algorithm>

namespace gatehouse::store {

namespace {

// Bump it when a table's meaning changes: the next start rebuilds.
constexpr std::int64_t format = 1;

constexpr std::string_view schema = R"sql(
create table progress (one integer primary key check (one = 1), through integer not null, epoch text not null) strict;
create table by_subject (hash integer, position integer, primary key (hash, position)) strict, without rowid;
create table by_look (hash integer, position integer, primary key (hash, position)) strict, without rowid;
create table by_kind (hash integer, position integer, primary key (hash, position)) strict, without rowid;
create table by_source (hash integer, position integer, primary key (hash, position)) strict, without rowid;
create table by_event (hash integer, position integer, primary key (hash, position)) strict, without rowid;
create table by_hour (hour integer primary key, first integer not null, last integer not null) strict;
insert into progress values (1, 0, '');
)sql";

constexpr std::size_t rows_looked_at_max = 20'000; // per page: a query can't hold a connection for long
constexpr int failures_max = 3;                    // of the disk, one after another: then the file is made anew, wherever it may lie now
constexpr std::int64_t us_per_hour = 3'600'000'000;

std::int64_t hour_of(Time time) {
    const auto us = to_us(time);
    return us >= 0 ? us / us_per_hour : (us - us_per_hour + 1) / us_per_hour;
}

std::uint64_t kind_hash(const HashKeys& keys, Kind kind) { return keyed_hash(keys.other, "kind:" + std::string(name_of(kind))); }
std::uint64_t source_hash(const HashKeys& keys, std::string_view source) { return keyed_hash(keys.other, "source:" + std::string(source)); }

using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// Sorted, so that a batch walks each tree once from left to right.
Done insert_pairs(Connection& connection, std::string_view sql, Pairs& pairs) {
    std::sort(pairs.begin(), pairs.end());
    auto row = connection.use(sql);
    if (!row) return std::move(row).error();
    for (const auto& [hash, position] : pairs) {
        (*row)->bind(1, hash).bind(2, position);
        if (auto done = (*row)->run(); !done) return done;
    }
    return {};
}

} // namespace

struct HistoryIndex::Row {
    std::uint64_t position = 0;
    std::string epoch, kind, source, subject;
    std::optional<std::uint64_t> device_key;
    std::uint32_t generation = 0;
    Time at{};
};

HistoryIndex::HistoryIndex(std::string directory, std::string vfs, const HashKeys& hashes, Files& files, Connections& log, Damage& damage)
    : directory_(std::move(directory)), vfs_(std::move(vfs)), hashes_(hashes), files_(files), log_(log), damage_(damage), readers_(path(), vfs_) {}

Done HistoryIndex::open_file() {
    auto opened = Connection::open(path(), Connection::Access::create, vfs_);
    if (!opened) return std::move(opened).error();
    connection_ = std::move(*opened);
    if (auto set = connection_.run("pragma journal_mode = wal; pragma synchronous = normal; pragma secure_delete = on; pragma cache_size = -8000; "
                                   "pragma temp_store = memory;");
        !set)
        return set;
    auto version = connection_.number("pragma user_version");
    if (!version) return std::move(version).error();
    if (*version == 0) {
        auto made = connection_.run("begin immediate;" + std::string(schema) + "pragma user_version = " + std::to_string(format) + "; commit;");
        if (!made) return made;
    } else if (*version != format) {
        return Error(Fault::damaged, "an index of format " + std::to_string(*version));
    }
    auto through = connection_.number("select through from progress");
    if (!through) return std::move(through).error();
    indexed_ = static_cast<std::uint64_t>(*through);
    return {};
}

Result<bool> HistoryIndex::fits_log() {
    if (indexed_ == 0) return true;
    auto epoch = connection_.text("select epoch from progress");
    if (!epoch) return std::move(epoch).error();
    auto lease = log_.take();
    if (!lease) return std::move(lease).error();
    // The epoch that this position belongs to, and whether the log reaches it at all: a restored log may have another past.
    auto row = (*lease)->use("select (select id from epoch where first_position <= ?1 order by number desc limit 1), "
                             "coalesce((select max(last) from seal), 0)");
    if (!row) return std::move(row).error();
    (*row)->bind(1, indexed_.load());
    auto there = (*row)->step();
    if (!there) return std::move(there).error();
    return *there && (*row)->text(0) == *epoch && (*row)->unsigned_number(1) >= indexed_;
}

Done HistoryIndex::begin_anew() {
    ++rebuilds_;
    failures_ = 0;
    indexed_ = 0;
    connection_.close();
    readers_.shut();
    for (const auto* ending : {"", "-wal", "-shm", "-journal"})
        if (auto removed = files_.destroy(path() + ending); !removed) {
            readers_.open_again();
            return removed;
        }
    ++file_number_;
    auto opened = open_file();
    readers_.open_again();
    return opened;
}

Done HistoryIndex::open() {
    connection_.close();
    ++file_number_;
    auto opened = open_file();
    std::string why = opened ? std::string() : opened.error().what();
    if (opened) {
        auto fits = fits_log();
        if (!fits) return std::move(fits).error();
        if (*fits) return {};
        why = "it is another log's";
    }
    log::warning("store", "the history index is rebuilt from the log", {{"why", why}});
    return begin_anew();
}

Result<std::vector<HistoryIndex::Row>> HistoryIndex::read_batch() {
    auto lease = log_.take();
    if (!lease) return std::move(lease).error();
    Walk walk(**lease, damage_,
              "select r.position, e.id, r.kind, r.source, r.subject, r.device_key, r.generation, r.happened_at, r.heard_at, r.clock, "
              "r.clock_offset_us from record r left join epoch e on e.number = r.epoch where r.position >= ? and r.position <= ? order by r.position",
              indexed_.load());
    std::vector<Row> batch;
    while (batch.size() < index_batch_records_max) {
        auto there = walk.next();
        if (!there) {
            lease->mark_bad();
            return std::move(there).error();
        }
        if (!*there) return batch;
        const auto& columns = walk.row();
        Row row;
        row.position = columns.unsigned_number(0);
        row.epoch = columns.string(1);
        row.kind = columns.string(2);
        row.source = columns.string(3);
        row.subject = columns.string(4);
        if (!columns.is_null(5)) row.device_key = columns.unsigned_number(5);
        row.generation = static_cast<std::uint32_t>(columns.number(6));
        StoredRecord times;
        if (!columns.is_null(7)) times.happened_at = from_us(columns.number(7));
        times.heard_at = from_us(columns.number(8));
        times.clock = static_cast<ClockState>(columns.number(9));
        times.clock_offset_us = columns.number(10);
        row.at = effective_time(times);
        batch.push_back(std::move(row));
    }
    return batch;
}

Done HistoryIndex::write_batch(const std::vector<Row>& rows) {
    Pairs subjects, looks, kinds, sources, events;
    std::map<std::int64_t, std::pair<std::uint64_t, std::uint64_t>> hours;
    const auto add = [](Pairs& pairs, std::uint64_t hash, std::uint64_t position) {
        pairs.emplace_back(static_cast<std::int64_t>(hash), static_cast<std::int64_t>(position));
    };
    for (const auto& row : rows) {
        if (!row.subject.empty()) {
            add(subjects, keyed_hash(hashes_.subject, row.subject), row.position);
            add(looks, keyed_hash(hashes_.look, look_of(row.subject)), row.position);
        }
        add(kinds, keyed_hash(hashes_.other, "kind:" + row.kind), row.position);
        add(sources, source_hash(hashes_, row.source), row.position);
        if (row.device_key) add(events, event_hash(hashes_.other, row.source, row.generation, *row.device_key), row.position);
        const auto [hour, is_new] = hours.try_emplace(hour_of(row.at), row.position, row.position);
        if (!is_new) hour->second.second = row.position;
    }
    if (auto begun = connection_.run("begin immediate"); !begun) return begun;
    for (auto done : {insert_pairs(connection_, "insert or ignore into by_subject values (?, ?)", subjects),
                      insert_pairs(connection_, "insert or ignore into by_look values (?, ?)", looks),
                      insert_pairs(connection_, "insert or ignore into by_kind values (?, ?)", kinds),
                      insert_pairs(connection_, "insert or ignore into by_source values (?, ?)", sources),
                      insert_pairs(connection_, "insert or ignore into by_event values (?, ?)", events)})
        if (!done) return done;
    for (const auto& [hour, ends] : hours) {
        auto row = connection_.use("insert into by_hour(hour, first, last) values (?1, ?2, ?3) "
                                   "on conflict(hour) do update set first = min(first, ?2), last = max(last, ?3)");
        if (!row) return std::move(row).error();
        (*row)->bind(1, hour).bind(2, ends.first).bind(3, ends.second);
        if (auto done = (*row)->run(); !done) return done;
    }
    {
        auto row = connection_.use("update progress set through = ?, epoch = ?");
        if (!row) return std::move(row).error();
        (*row)->bind(1, rows.back().position).bind(2, rows.back().epoch);
        if (auto done = (*row)->run(); !done) return done;
    }
    if (auto done = connection_.run("commit"); !done) return done;
    indexed_ = rows.back().position;
    return {};
}

Result<bool> HistoryIndex::catch_up() {
    if (!connection_.is_open())
        if (auto opened = open(); !opened) return std::move(opened).error();
    auto rows = read_batch();
    if (!rows) return std::move(rows).error();
    if (rows->empty()) return false;
    auto written = write_batch(*rows);
    if (written) failures_ = 0;
    if (!written) {
        // Whatever it was, the log has everything: begin from it.
        auto error = std::move(written).error().during("history index");
        connection_.roll_back();
        if (error.fault() == Fault::damaged || ++failures_ >= failures_max) {
            if (auto anew = begin_anew(); !anew) return std::move(anew).error();
        } else {
            connection_.close();
        }
        return error;
    }
    return rows->size() == index_batch_records_max;
}

Done HistoryIndex::forget(std::uint64_t subject_hash, std::uint64_t look_hash, const std::vector<std::uint64_t>& positions) {
    if (!connection_.is_open())
        if (auto opened = open(); !opened) return opened;
    if (auto begun = connection_.run("begin immediate"); !begun) return begun;
    auto forget_all = [&]() -> Done {
        for (const auto position : positions) {
            auto subject = connection_.use("delete from by_subject where hash = ? and position = ?");
            if (!subject) return std::move(subject).error();
            (*subject)->bind(1, subject_hash).bind(2, position);
            if (auto done = (*subject)->run(); !done) return done;
            auto look = connection_.use("delete from by_look where hash = ? and position = ?");
            if (!look) return std::move(look).error();
            (*look)->bind(1, look_hash).bind(2, position);
            if (auto done = (*look)->run(); !done) return done;
        }
        return connection_.run("commit");
    };
    if (auto done = forget_all(); !done) {
        connection_.roll_back();
        return done;
    }
    return connection_.checkpoint_truncate();
}

Done HistoryIndex::forget_removed(const std::vector<StoredRecord>& records) {
    if (!connection_.is_open())
        if (auto opened = open(); !opened) return opened;
    if (auto begun = connection_.run("begin immediate"); !begun) return begun;
    const auto drop = [&](std::string_view sql, std::uint64_t hash, std::uint64_t position) -> Done {
        auto row = connection_.use(sql);
        if (!row) return std::move(row).error();
        (*row)->bind(1, hash).bind(2, position);
        return (*row)->run();
    };
    const auto drop_all = [&]() -> Done {
        for (const auto& record : records) {
            const auto at = record.position;
            Done done;
            if (!record.subject.empty()) {
                done = drop("delete from by_subject where hash = ? and position = ?", keyed_hash(hashes_.subject, record.subject), at);
                if (done) done = drop("delete from by_look where hash = ? and position = ?", keyed_hash(hashes_.look, look_of(record.subject)), at);
            }
            if (done) done = drop("delete from by_kind where hash = ? and position = ?", kind_hash(hashes_, record.kind), at);
            if (done) done = drop("delete from by_source where hash = ? and position = ?", source_hash(hashes_, record.source), at);
            if (done && record.device_key)
                done = drop("delete from by_event where hash = ? and position = ?",
                            event_hash(hashes_.other, record.source, record.generation, *record.device_key), at);
            if (!done) return done;
        }
        return connection_.run("commit");
    };
    auto done = drop_all();
    if (!done) connection_.roll_back();
    return done;
}

Result<std::vector<std::uint64_t>> HistoryIndex::positions_of(std::uint64_t event_hash) {
    const auto file = file_number_.load();
    if (!for_writer_.is_open() || for_writer_file_ != file) {
        for_writer_.close();
        auto opened = Connection::open(path(), Connection::Access::read_only, vfs_);
        if (!opened) return std::move(opened).error();
        for_writer_ = std::move(*opened);
        for_writer_file_ = file;
    }
    auto work = [&]() -> Result<std::vector<std::uint64_t>> {
        auto rows = for_writer_.use("select position from by_event where hash = ? order by position");
        if (!rows) return std::move(rows).error();
        (*rows)->bind(1, event_hash);
        std::vector<std::uint64_t> positions;
        for (;;) {
            auto row = (*rows)->step();
            if (!row) return std::move(row).error();
            if (!*row) return positions;
            positions.push_back((*rows)->unsigned_number(0));
        }
    };
    auto positions = work();
    if (!positions) for_writer_.close();
    return positions;
}

// One page's work: what is wanted, what was found, how much was looked at.
struct HistoryIndex::Search {
    const HistoryQuery& query;
    const std::string look;
    Connection& log;
    Connection& index;
    HistoryPage page;
    std::size_t looked_at = 0;
    bool is_full = false;
    std::uint64_t last_looked_at = 0;

    bool wants(const StoredRecord& record) const {
        if (!query.subject.empty() && (query.look_alike ? look_of(record.subject) != look : record.subject != query.subject)) return false;
        if (query.kind && record.kind != *query.kind) return false;
        if (!query.source.empty() && record.source != query.source) return false;
        const auto at = effective_time(record);
        return !(query.from && at < *query.from) && !(query.to && at > *query.to);
    }
    /// False: stop, the page is full or has cost enough.
    bool take(StoredRecord record) {
        last_looked_at = record.position;
        ++looked_at;
        if (wants(record)) page.records.push_back(std::move(record));
        is_full = page.records.size() >= query.records_max || looked_at >= rows_looked_at_max;
        return !is_full;
    }
};

Done HistoryIndex::search_log(Search& search, std::uint64_t above, std::uint64_t below) {
    Walk::Options options;
    options.way = Walk::Way::down;
    Walk rows(search.log, damage_, GATEHOUSE_SELECT_RECORD "where r.position >= ? and r.position <= ? order by r.position desc", above, below,
              std::move(options));
    for (;;) {
        auto row = rows.next();
        if (!row) return std::move(row).error();
        if (!*row) return {};
        auto record = read_row(rows.row());
        if (!record) return rows.is_bad(std::move(record).error());
        if (!search.take(std::move(*record))) return {};
    }
}

Done HistoryIndex::search_index(Search& search, std::uint64_t below) {
    const auto& query = search.query;
    std::uint64_t above = 0;
    if (query.from || query.to) {
        auto hours = search.index.use("select coalesce(min(first), 0), coalesce(max(last), 0) from by_hour where hour between ? and ?");
        if (!hours) return std::move(hours).error();
        (*hours)->bind(1, query.from ? hour_of(*query.from) : INT64_MIN).bind(2, query.to ? hour_of(*query.to) : INT64_MAX);
        auto row = (*hours)->step();
        if (!row) return std::move(row).error();
        if ((*hours)->unsigned_number(1) == 0) return {};
        above = (*hours)->unsigned_number(0) - 1;
        below = std::min(below, (*hours)->unsigned_number(1) + 1);
    }
    std::string_view sql;
    std::uint64_t hash = 0;
    if (!query.subject.empty() && query.look_alike) {
        sql = "select position from by_look where hash = ? and position < ? and position > ? order by position desc";
        hash = keyed_hash(hashes_.look, search.look);
    } else if (!query.subject.empty()) {
        sql = "select position from by_subject where hash = ? and position < ? and position > ? order by position desc";
        hash = keyed_hash(hashes_.subject, query.subject);
    } else if (!query.source.empty()) {
        sql = "select position from by_source where hash = ? and position < ? and position > ? order by position desc";
        hash = source_hash(hashes_, query.source);
    } else if (query.kind) {
        sql = "select position from by_kind where hash = ? and position < ? and position > ? order by position desc";
        hash = kind_hash(hashes_, *query.kind);
    } else {
        return search_log(search, above, below);
    }
    auto rows = search.index.use(sql);
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, hash).bind(2, below).bind(3, above);
    for (;;) {
        auto row = (*rows)->step();
        if (!row) return std::move(row).error();
        if (!*row) return {};
        const auto position = (*rows)->unsigned_number(0);
        if (damage_.holding(position)) continue;
        auto found = search.log.use(GATEHOUSE_SELECT_RECORD "where r.position = ?");
        if (!found) return std::move(found).error();
        (*found)->bind(1, position);
        auto there = (*found)->step();
        if (!there) {
            if (damage_.is_damage(there.error(), position - 1)) damage_.meet({position, position, there.error().what()});
            return std::move(there).error();
        }
        if (!*there) continue; // retention was faster than the index
        auto record = read_row(**found);
        if (!record) {
            damage_.meet({position, position, record.error().what()});
            return std::move(record).error();
        }
        if (!search.take(std::move(*record))) return {};
    }
}

Result<HistoryPage> HistoryIndex::find(const HistoryQuery& query) {
    auto log = log_.take();
    if (!log) return std::move(log).error();
    auto index = readers_.take();
    if (!index) return std::move(index).error();
    Search search{query, look_of(query.subject), **log, **index, {}, 0, false, 0};
    // Progress is read before the tail: a batch written in between shows up in the tail, never in neither.
    auto through = (*index)->use("select through from progress");
    if (!through) return std::move(through).error();
    auto there = (*through)->step();
    if (!there) return std::move(there).error();
    const auto indexed = *there ? (*through)->unsigned_number(0) : 0;
    const auto below = query.before.value_or(static_cast<std::uint64_t>(INT64_MAX));
    Done done;
    if (below > indexed + 1) done = search_log(search, indexed, below);
    if (done && !search.is_full) done = search_index(search, std::min(below, indexed + 1));
    if (!done) {
        if (is_disk_fault(done.error())) {
            log->mark_bad();
            index->mark_bad();
        }
        return std::move(done).error();
    }
    if (search.is_full) search.page.next = search.last_looked_at;
    return std::move(search.page);
}

} // namespace gatehouse::store
