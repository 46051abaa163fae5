// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/recording_index.hpp"

#include "daemon/store/recording_packing.hpp"

#include <map>

namespace gatehouse::store {

namespace {

constexpr std::int64_t recordings_format = 1;
constexpr Duration segment_span_max = std::chrono::hours(24); ///< none is longer: how far back a span's first one can begin
constexpr Duration gap_joint_max = std::chrono::seconds(2);

#define GATEHOUSE_SELECT_SEGMENT                                                                                                           \
    "select s.id, s.camera, s.stream, s.file, s.bytes, s.sha256, s.started_at, s.ended_at, s.init_bytes, s.timescale, s.codecs, s.width, " \
    "s.height, s.ended, s.going, s.init from segment s "
constexpr int going_column = 14, init_column = 15, packed_column = 16;

Result<RecordedSegment> read_segment_row(const Statement& row) {
    RecordedSegment segment;
    segment.id = row.number(0);
    segment.camera = row.string(1);
    segment.stream = row.string(2);
    segment.file = row.string(3);
    segment.bytes = row.unsigned_number(4);
    const auto hash = row.blob(5);
    if (hash.size() != segment.sha256.size()) return Error(Fault::damaged, "a segment without its hash");
    std::copy(hash.begin(), hash.end(), segment.sha256.begin());
    segment.started_at = from_us(row.number(6));
    segment.ended_at = from_us(row.number(7));
    segment.init_bytes = static_cast<std::uint32_t>(row.number(8));
    segment.timescale = static_cast<std::uint32_t>(row.number(9));
    segment.codecs = row.string(10);
    segment.width = static_cast<std::uint16_t>(row.number(11));
    segment.height = static_cast<std::uint16_t>(row.number(12));
    segment.ended = row.string(13);
    return segment;
}

RecordingLock read_lock_row(const Statement& row) {
    RecordingLock lock;
    lock.id = row.number(0);
    lock.camera = row.string(1);
    lock.from = from_us(row.number(2));
    lock.to = from_us(row.number(3));
    lock.case_number = row.string(4);
    lock.by = row.string(5);
    lock.until = from_us(row.number(6));
    lock.made_at = from_us(row.number(7));
    return lock;
}

/// Every row through `take`, which may answer an Error.
template <class Take>
Done for_each_row(Statement& rows, Take take) {
    for (;;) {
        auto row = rows.step();
        if (!row) return std::move(row).error();
        if (!*row) return {};
        if (Done taken = take(rows); !taken) return taken;
    }
}

template <class T, class Read>
Result<std::vector<T>> read_rows(Statement& rows, Read read) {
    std::vector<T> found;
    auto done = for_each_row(rows, [&](const Statement& row) -> Done {
        auto one = read(row);
        if (!one) return std::move(one).error();
        found.push_back(std::move(*one));
        return {};
    });
    if (!done) return std::move(done).error();
    return found;
}

Result<std::int64_t> init_of(Connection& c, ByteView init) {
    const auto hash = sha256(init);
    {
        auto row = c.use("insert or ignore into init (sha256, bytes) values (?, ?)");
        if (!row) return std::move(row).error();
        (*row)->bind(1, ByteView(hash)).bind(2, init);
        if (auto done = (*row)->run(); !done) return std::move(done).error();
    }
    auto row = c.use("select id from init where sha256 = ?");
    if (!row) return std::move(row).error();
    (*row)->bind(1, ByteView(hash));
    auto there = (*row)->step();
    if (!there) return std::move(there).error();
    if (!*there) return Error(Fault::damaged, "an init that was just written is not there");
    return (*row)->number(0);
}

void bind_span(Statement& row, const std::string& camera, const std::string& stream, Time from, Time to, std::size_t rows_max) {
    row.bind(1, std::string_view(camera))
        .bind(2, std::string_view(stream))
        .bind(3, to_us(from - segment_span_max))
        .bind(4, to_us(to))
        .bind(5, to_us(from));
    row.bind(6, static_cast<std::int64_t>(rows_max));
}

} // namespace

Result<Connection> open_recording_index(const std::string& path, const std::string& vfs) {
    auto opened = Connection::open(path, Connection::Access::create, vfs);
    if (!opened) return std::move(opened).error();
    // FULL: a mark must be on disk before its file goes, or a power cut leaves a row without a file and no word why.
    if (auto set = opened->run("pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -4000; pragma temp_store = memory;"); !set)
        return std::move(set).error();
    auto version = opened->number("pragma user_version");
    if (!version) return std::move(version).error();
    if (*version > recordings_format)
        return Error(Fault::unsupported, "recordings.db has format " + std::to_string(*version) + ": install the newer version again");
    if (*version == 0) {
        const auto text =
            "begin immediate;" + std::string(recordings_schema()) + "pragma user_version = " + std::to_string(recordings_format) + "; commit;";
        if (auto made = opened->run(text); !made) {
            opened->roll_back();
            return std::move(made).error().during("making recordings.db");
        }
    }
    return std::move(*opened);
}

Result<std::int64_t> insert_segment(Connection& c, const pipelines::Segment& segment, ByteView init) {
    auto init_id = init_of(c, init);
    if (!init_id) return std::move(init_id).error();
    {
        auto row =
            c.use("insert into segment (camera, stream, file, bytes, sha256, started_at, ended_at, init, init_bytes, timescale, codecs, width, "
                  "height, ended) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        if (!row) return std::move(row).error();
        (*row)->bind(1, std::string_view(segment.camera)).bind(2, std::string_view(segment.stream)).bind(3, std::string_view(segment.file));
        (*row)->bind(4, segment.bytes).bind(5, ByteView(segment.sha256)).bind(6, to_us(segment.started_at)).bind(7, to_us(segment.ended_at));
        (*row)->bind(8, *init_id).bind(9, std::int64_t{segment.init_bytes}).bind(10, std::int64_t{segment.timescale});
        (*row)->bind(11, std::string_view(segment.codecs)).bind(12, std::int64_t{segment.width}).bind(13, std::int64_t{segment.height});
        (*row)->bind(14, std::string_view(segment.end));
        if (auto done = (*row)->run(); !done) return std::move(done).error();
    }
    auto id = c.number("select last_insert_rowid()");
    if (!id) return std::move(id).error();
    const auto packed = pack_fragments(segment.fragments);
    auto row = c.use("insert into fragment (segment, packed) values (?, ?)");
    if (!row) return std::move(row).error();
    (*row)->bind(1, *id).bind(2, ByteView(packed));
    if (auto done = (*row)->run(); !done) return std::move(done).error();
    return *id;
}

Done mark_going(Connection& c, std::int64_t id) {
    auto row = c.use("update segment set going = 1 where id = ?");
    if (!row) return std::move(row).error();
    (*row)->bind(1, id);
    return (*row)->run();
}

Done remove_going(Connection& c, std::int64_t id) {
    auto row = c.use("delete from segment where id = ?");
    if (!row) return std::move(row).error();
    (*row)->bind(1, id);
    return (*row)->run();
}

Done insert_gap(Connection& c, const RecordingGap& gap) {
    if (gap.from >= gap.to) return {};
    std::optional<std::int64_t> before;
    {
        auto row =
            c.use("select id from gap where camera = ? and stream = ? and cause = ? and from_at <= ? and to_at >= ? order by from_at desc limit 1");
        if (!row) return std::move(row).error();
        (*row)->bind(1, std::string_view(gap.camera)).bind(2, std::string_view(gap.stream)).bind(3, std::string_view(gap.cause));
        (*row)->bind(4, to_us(gap.from)).bind(5, to_us(gap.from - gap_joint_max));
        auto there = (*row)->step();
        if (!there) return std::move(there).error();
        if (*there) before = (*row)->number(0);
    }
    if (before) {
        auto row = c.use("update gap set to_at = max(to_at, ?) where id = ?");
        if (!row) return std::move(row).error();
        (*row)->bind(1, to_us(gap.to)).bind(2, *before);
        return (*row)->run();
    }
    auto row = c.use("insert into gap (camera, stream, from_at, to_at, cause) values (?, ?, ?, ?, ?)");
    if (!row) return std::move(row).error();
    (*row)->bind(1, std::string_view(gap.camera)).bind(2, std::string_view(gap.stream)).bind(3, to_us(gap.from)).bind(4, to_us(gap.to));
    (*row)->bind(5, std::string_view(gap.cause));
    return (*row)->run();
}

Result<std::int64_t> insert_lock(Connection& c, const RecordingLock& lock) {
    {
        auto row = c.use("insert into lock (camera, from_at, to_at, case_number, by_whom, until_at, made_at) values (?, ?, ?, ?, ?, ?, ?)");
        if (!row) return std::move(row).error();
        (*row)->bind(1, std::string_view(lock.camera)).bind(2, to_us(lock.from)).bind(3, to_us(lock.to));
        (*row)
            ->bind(4, std::string_view(lock.case_number))
            .bind(5, std::string_view(lock.by))
            .bind(6, to_us(lock.until))
            .bind(7, to_us(lock.made_at));
        if (auto done = (*row)->run(); !done) return std::move(done).error();
    }
    return c.number("select last_insert_rowid()");
}

Done remove_lock(Connection& c, const std::string& camera, std::int64_t id) {
    auto row = c.use("delete from lock where id = ? and camera = ? returning id");
    if (!row) return std::move(row).error();
    (*row)->bind(1, id).bind(2, std::string_view(camera));
    auto there = (*row)->step();
    if (!there) return std::move(there).error();
    if (!*there) return Error(Fault::gone, "no such lock");
    return {};
}

Done remove_old_gaps(Connection& c, Time before) {
    auto row = c.use("delete from gap where to_at < ?");
    if (!row) return std::move(row).error();
    (*row)->bind(1, to_us(before));
    return (*row)->run();
}

Result<std::vector<std::string>> indexed_cameras(Connection& c) {
    auto rows = c.use("select camera from usage order by camera");
    if (!rows) return std::move(rows).error();
    return read_rows<std::string>(**rows, [](const Statement& row) { return Result<std::string>(row.string(0)); });
}

Result<std::vector<CameraUsage>> usages(Connection& c) {
    auto rows =
        c.use("select u.camera, u.segments, u.bytes, coalesce((select min(started_at) from segment s where s.camera = u.camera and s.stream = "
              "'main'), (select min(started_at) from segment s where s.camera = u.camera), 0), coalesce((select max(started_at) from segment s "
              "where s.camera = u.camera and s.stream = 'main'), (select max(started_at) from segment s where s.camera = u.camera), 0) "
              "from usage u order by u.camera");
    if (!rows) return std::move(rows).error();
    return read_rows<CameraUsage>(**rows, [](const Statement& row) {
        return Result<CameraUsage>(
            CameraUsage{row.string(0), row.unsigned_number(1), row.unsigned_number(2), from_us(row.number(3)), from_us(row.number(4))});
    });
}

Result<std::vector<std::pair<RecordedSegment, bool>>> segments_of_camera(Connection& c, const std::string& camera) {
    auto rows = c.use(GATEHOUSE_SELECT_SEGMENT "where s.camera = ? order by s.file");
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, std::string_view(camera));
    using Pair = std::pair<RecordedSegment, bool>;
    return read_rows<Pair>(**rows, [](const Statement& row) -> Result<Pair> {
        auto segment = read_segment_row(row);
        if (!segment) return std::move(segment).error();
        return Pair(std::move(*segment), row.number(going_column) != 0);
    });
}

Result<std::optional<RecordedSegment>> segment_by_id(Connection& c, std::int64_t id) {
    auto rows = c.use(GATEHOUSE_SELECT_SEGMENT "where s.id = ?");
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, id);
    auto there = (*rows)->step();
    if (!there) return std::move(there).error();
    if (!*there) return std::optional<RecordedSegment>();
    auto segment = read_segment_row(**rows);
    if (!segment) return std::move(segment).error();
    return std::optional<RecordedSegment>(std::move(*segment));
}

Result<std::vector<RecordedSegment>> segments_within(Connection& c, const std::string& camera, const std::string& stream, Time from, Time to,
                                                     std::size_t rows_max) {
    auto rows = c.use(GATEHOUSE_SELECT_SEGMENT "where s.camera = ? and s.stream = ? and s.started_at > ? and s.started_at < ? and s.ended_at > ? "
                                               "and s.going = 0 order by s.started_at, s.id limit ?");
    if (!rows) return std::move(rows).error();
    bind_span(**rows, camera, stream, from, to, rows_max);
    return read_rows<RecordedSegment>(**rows, read_segment_row);
}

Result<std::vector<RecordedFootage>> footage_within(Connection& c, const std::string& camera, const std::string& stream, Time from, Time to,
                                                    std::size_t rows_max) {
    std::vector<RecordedFootage> found;
    std::vector<std::int64_t> init_ids;
    {
        auto rows =
            c.use("select s.id, s.camera, s.stream, s.file, s.bytes, s.sha256, s.started_at, s.ended_at, s.init_bytes, s.timescale, s.codecs, "
                  "s.width, s.height, s.ended, s.going, s.init, f.packed from segment s join fragment f on f.segment = s.id where s.camera = ? and "
                  "s.stream = ? and s.started_at > ? and s.started_at < ? and s.ended_at > ? and s.going = 0 order by s.started_at, s.id limit ?");
        if (!rows) return std::move(rows).error();
        bind_span(**rows, camera, stream, from, to, rows_max);
        auto read = for_each_row(**rows, [&](const Statement& row) -> Done {
            auto segment = read_segment_row(row);
            if (!segment) return std::move(segment).error();
            auto fragments = unpack_fragments(row.blob(packed_column));
            if (!fragments) return std::move(fragments).error();
            init_ids.push_back(row.number(init_column));
            found.push_back({std::move(*segment), nullptr, std::move(*fragments)});
            return {};
        });
        if (!read) return std::move(read).error();
    }
    std::map<std::int64_t, std::shared_ptr<const Bytes>> inits;
    for (std::size_t i = 0; i < found.size(); ++i) {
        auto& init = inits[init_ids[i]];
        if (!init) {
            auto row = c.use("select bytes from init where id = ?");
            if (!row) return std::move(row).error();
            (*row)->bind(1, init_ids[i]);
            auto there = (*row)->step();
            if (!there) return std::move(there).error();
            if (!*there) return Error(Fault::damaged, "a segment without its init");
            const auto bytes = (*row)->blob(0);
            init = std::make_shared<const Bytes>(bytes.begin(), bytes.end());
        }
        found[i].init = init;
    }
    return found;
}

Result<std::vector<RecordedSegment>> oldest_segments(Connection& c, const std::string& camera, std::size_t rows_max) {
    if (camera.empty()) {
        auto rows = c.use(GATEHOUSE_SELECT_SEGMENT "where s.going = 0 order by s.started_at limit ?");
        if (!rows) return std::move(rows).error();
        (*rows)->bind(1, static_cast<std::int64_t>(rows_max));
        return read_rows<RecordedSegment>(**rows, read_segment_row);
    }
    // Both streams have an index of their own order: merged, without sorting a month.
    auto rows =
        c.use("select * from (" GATEHOUSE_SELECT_SEGMENT "where s.camera = ?1 and s.stream = 'main' and s.going = 0 order by s.started_at limit ?2) "
              "union all select * from (" GATEHOUSE_SELECT_SEGMENT
              "where s.camera = ?1 and s.stream = 'sub' and s.going = 0 order by s.started_at limit ?2) order by 7 limit ?2");
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, std::string_view(camera)).bind(2, static_cast<std::int64_t>(rows_max));
    return read_rows<RecordedSegment>(**rows, read_segment_row);
}

Result<std::vector<RecordingGap>> gaps_within(Connection& c, const std::string& camera, const std::string& stream, Time from, Time to) {
    auto rows = c.use("select camera, stream, from_at, to_at, cause from gap where camera = ? and stream = ? and from_at < ? and to_at > ? "
                      "order by from_at limit ?");
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, std::string_view(camera)).bind(2, std::string_view(stream)).bind(3, to_us(to)).bind(4, to_us(from));
    (*rows)->bind(5, static_cast<std::int64_t>(gaps_max));
    return read_rows<RecordingGap>(**rows, [](const Statement& row) {
        return Result<RecordingGap>(RecordingGap{row.string(0), row.string(1), from_us(row.number(2)), from_us(row.number(3)), row.string(4)});
    });
}

Result<std::vector<RecordingLock>> locks_of(Connection& c, const std::string& camera) {
    auto rows = c.use("select id, camera, from_at, to_at, case_number, by_whom, until_at, made_at from lock where camera = ? order by from_at, id");
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, std::string_view(camera));
    return read_rows<RecordingLock>(**rows, [](const Statement& row) { return Result<RecordingLock>(read_lock_row(row)); });
}

Result<std::vector<RecordingLock>> all_locks(Connection& c) {
    auto rows = c.use("select id, camera, from_at, to_at, case_number, by_whom, until_at, made_at from lock order by camera, from_at, id");
    if (!rows) return std::move(rows).error();
    return read_rows<RecordingLock>(**rows, [](const Statement& row) { return Result<RecordingLock>(read_lock_row(row)); });
}

Result<std::uint64_t> bytes_since(Connection& c, const std::string& camera, Time since) {
    auto row = c.use("select coalesce(sum(bytes), 0) from segment where camera = ?1 and stream in ('main', 'sub') and started_at >= ?2");
    if (!row) return std::move(row).error();
    (*row)->bind(1, std::string_view(camera)).bind(2, to_us(since));
    auto there = (*row)->step();
    if (!there) return std::move(there).error();
    return (*row)->unsigned_number(0);
}

} // namespace gatehouse::store
