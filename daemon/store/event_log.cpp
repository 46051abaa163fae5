// SPDX-License-Identifier: Apache-2.0
//
// The loop's side: checks, queue, waiting, reading.
#include "daemon/store/event_log.hpp"

#include "daemon/store/backup.hpp"
#include "daemon/store/fresh_start.hpp"
#include "daemon/store/inside/core.hpp"

namespace gatehouse::store {

EventLog::EventLog(std::shared_ptr<Inside> inside) : inside_(std::move(inside)) {}
EventLog::~EventLog() = default;

EventLog::Inside::Inside(StoreOptions o, SiteKeys k, StoreParts p)
    : options(std::move(o)), keys(k), hashes(keys.hash), parts(p), damage([&clock = p.clock] { return clock.steady_now(); }),
      readers(options.directory + "/gatehouse.db", options.vfs),
      writer({options.directory, options.vfs, options.compound, options.machine}, keys, p.files, p.entropy, damage),
      index(options.directory, options.vfs, hashes, p.files, readers, damage),
      pictures(options.directory + "/pictures", derive_key(keys.picture, "day keys"), p.files, p.entropy),
      erasures(options.directory + "/erasures", p.files) {}

std::map<RetentionClass, Kept> default_retention() {
    return {{RetentionClass::passage, {30, 90}}, {RetentionClass::vehicle, {30, 90}},  {RetentionClass::alarm, {90, 365}},
            {RetentionClass::device, {30, 90}},  {RetentionClass::audit, {180, 1095}}, {RetentionClass::system, {180, 1095}}};
}

std::map<PictureRole, Kept> default_picture_retention() {
    return {{PictureRole::scene, {30, 90}}, {PictureRole::face, {0, 30}}, {PictureRole::plate, {30, 90}}};
}

namespace {

Result<Prepared> epoch_record(LogWriter& log, const std::string& previous, const std::string& cause, const HashKeys& hashes, Time now,
                              Entropy& entropy) {
    Record record;
    record.kind = Kind::gateway_started;
    record.heard_at = now;
    record.source = "gateway";
    record.facts = {
        {"version", GATEHOUSE_VERSION}, {"epoch", log.epoch()}, {"cause", cause}, {"previous_epoch", previous}, {"head", log.next_position() - 1}};
    return prepare(record, {}, hashes, now, entropy);
}

/// Within begin() and commit().
Done begin_told_epoch(LogWriter& log, const std::string& cause, const HashKeys& hashes, Time now, Entropy& entropy) {
    const auto previous = log.epoch();
    if (auto begun = log.begin_epoch(now, cause); !begun) return begun;
    auto record = epoch_record(log, previous, cause, hashes, now, entropy);
    if (!record) return std::move(record).error();
    if (auto appended = log.append(*record, std::nullopt); !appended) return std::move(appended).error();
    return {};
}

/// S2: another machine, or another file system, than at the last start.
Done renew_if_elsewhere(EventLog::Inside& inside) {
    const auto cause = inside.writer.take_new_epoch_cause();
    if (!cause) return {};
    if (auto begun = inside.writer.begin(); !begun) return begun;
    if (auto done = begin_told_epoch(inside.writer, *cause, inside.hashes, inside.parts.clock.now(), inside.parts.entropy); !done) return done;
    return inside.writer.commit();
}

Done open_or_start_afresh(EventLog::Inside& inside) {
    const auto& parts = inside.parts;
    const bool is_unfinished = is_fresh_start_unfinished(inside.options.directory, parts.files);
    Done opened;
    if (!is_unfinished) {
        opened = inside.writer.open(parts.clock.now());
        // Once more, in case it was one bad reading: setting a log aside is no small thing.
        if (!opened && opened.error().fault() == Fault::damaged) opened = inside.writer.open(parts.clock.now());
        if (opened || opened.error().fault() != Fault::damaged || !inside.options.starts_afresh) return opened;
    }
    const auto why = is_unfinished ? std::string("a fresh start was interrupted") : opened.error().what();
    auto fresh = start_afresh(inside.options, inside.keys, why, parts.clock.now(), parts.entropy, parts.files);
    if (!fresh) return std::move(fresh).error();
    return inside.writer.open(parts.clock.now());
}

} // namespace

Result<std::unique_ptr<EventLog>> open_store(StoreOptions options, SiteKeys keys, StoreParts parts) {
    start_crypto();
    if (auto made = parts.files.make_folder(options.directory); !made) return std::move(made).error();
    auto lock = parts.files.lock(options.directory + "/lock");
    if (!lock) return std::move(lock).error();
    if (is_restore_unfinished(options.directory, parts.files)) return Error(Fault::damaged, "a restore was interrupted: run it again");
    auto inside = std::make_shared<EventLog::Inside>(std::move(options), keys, parts);
    inside->lock = std::move(*lock);
    inside->writer.say_clock(parts.clock.quality());
    if (auto opened = open_or_start_afresh(*inside); !opened) return opened.error();
    if (auto renewed = renew_if_elsewhere(*inside); !renewed) return std::move(renewed).error();
    // The index is no condition: without it the log is read instead, and run() builds it anew.
    if (auto indexed = inside->index.open(); !indexed) log::warning("store", "no history index yet", {{"why", indexed.error().what()}});
    inside->writer.set_older_keys(&inside->index);
    if (auto swept = inside->pictures.sweep(); !swept) log::warning("store", "half-written pictures stay", {{"why", swept.error().what()}});
    inside->head = inside->writer.head();
    for (const auto& range : inside->damage.ranges()) inside->damaged_records += range.positions();
    if (auto reckoned = inside->reckon_from(inside->writer.newest_heard_at()); !reckoned) return std::move(reckoned).error();
    auto store = std::unique_ptr<EventLog>(new EventLog(inside));
    return store;
}

Result<Prepared> EventLog::Inside::prepare_now(const Record& record, std::span<const PictureRef> kept) {
    return prepare(record, kept, hashes, parts.clock.now(), parts.entropy);
}

void EventLog::Inside::enqueue(std::shared_ptr<Job> job) {
    waiting_records += job->records;
    waiting_bytes += job->bytes;
    bool start = false;
    {
        const std::lock_guard guard(mutex);
        waiting.push_back(std::move(job));
        start = !std::exchange(writing, true);
    }
    if (start) parts.writer.post([self = shared_from_this()] { self->write_waiting(); });
}

Task<void> EventLog::Inside::until_room(std::size_t bytes) {
    auto self = shared_from_this();
    while (!self->has_room(bytes)) {
        self->room.reset();
        co_await self->room.wait();
    }
}

Task<Done> EventLog::Inside::change_only(std::function<Done(LogWriter&)> work) {
    auto job = std::make_shared<PlainJob>();
    job->work = std::move(work);
    enqueue(job);
    co_await job->ended.wait();
    if (job->failed) co_return std::move(*job->failed);
    co_return Done();
}

Task<Result<Appended>> EventLog::append(Record record, std::optional<SourceMark> mark) {
    auto inside = inside_;
    auto checked = check_record(record);
    if (checked && mark && mark->text.size() > mark_text_bytes_max) checked = Error(Fault::malformed, "a source mark's text is too long");
    if (!checked) {
        ++inside->refused;
        co_return std::move(checked).error();
    }
    std::vector<PictureRef> kept;
    if (!record.pictures.empty()) {
        // To disk before the record that names them.
        auto given = std::move(record.pictures);
        auto done = co_await inside->keep_pictures(std::move(given));
        if (!done) co_return std::move(done).error();
        kept = std::move(*done);
    }
    auto prepared = inside->prepare_now(record, kept);
    if (!prepared) {
        ++inside->refused;
        co_return std::move(prepared).error();
    }
    auto job = std::make_shared<AppendJob>();
    job->record = std::move(*prepared);
    job->mark = std::move(mark);
    job->records = 1;
    job->bytes = job->record.bytes();
    co_await inside->until_room(job->bytes);
    inside->enqueue(job);
    co_await job->ended.wait();
    if (job->failed) co_return std::move(*job->failed);
    co_return job->appended;
}

void EventLog::hand_over(Record record) {
    // Pictures wait for a disk, and what is handed over waits for nothing.
    auto checked = record.pictures.empty() ? check_record(record) : Done(Error(Fault::unsupported, "a record handed over has no pictures"));
    if (!checked) {
        ++inside_->refused;
        log::error("store", "a record handed over is refused", {{"kind", name_of(record.kind)}, {"why", checked.error().what()}});
        return;
    }
    auto prepared = inside_->prepare_now(record, {});
    if (!prepared) {
        ++inside_->refused;
        return;
    }
    auto job = std::make_shared<AppendJob>();
    job->record = std::move(*prepared);
    job->records = 1;
    job->bytes = job->record.bytes();
    job->survives = true;
    if (!inside_->has_room(job->bytes)) {
        ++inside_->shed;
        return;
    }
    inside_->enqueue(std::move(job));
}

Task<Result<std::optional<SourceMark>>> EventLog::last_mark(std::string source) {
    using Mark = std::optional<SourceMark>;
    std::function<Result<Mark>(Connection&)> work = [source = std::move(source)](Connection& c) { return mark_of(c, source); };
    co_return co_await inside_->look<Mark>(std::move(work));
}

Head EventLog::head() const { return inside_->head; }

Task<Result<std::vector<StoredRecord>>> EventLog::read_after(std::uint64_t after, std::size_t records_max, std::size_t bytes_max) {
    using Records = std::vector<StoredRecord>;
    const auto wanted = std::min(records_max, read_records_max);
    auto inside = inside_;
    std::function<Result<Records>(Connection&)> work = [inside, after, wanted, bytes_max](Connection& c) -> Result<Records> {
        Walk::Options options;
        options.tells_holes = true;
        Walk rows(c, inside->damage, GATEHOUSE_SELECT_RECORD "where r.position >= ? and r.position <= ? order by r.position", after, INT64_MAX,
                  std::move(options));
        Records records;
        std::size_t bytes = 0;
        while (records.size() < wanted) {
            auto row = rows.next();
            if (!row) return std::move(row).error();
            if (!*row) return records;
            auto record = read_row(rows.row());
            if (!record) return rows.is_bad(std::move(record).error());
            bytes += record->facts.size() + record->details.size() + record->subject.size() + 512;
            if (!records.empty() && bytes > bytes_max) return records;
            records.push_back(std::move(*record));
        }
        return records;
    };
    co_return co_await inside->look_past_damage<Records>(std::move(work));
}

bool EventLog::is_damaged_between(std::uint64_t after, std::uint64_t before) const {
    const auto next = inside_->damage.next_behind(after);
    return next && next->first < before;
}

Task<Result<std::optional<StoredRecord>>> EventLog::read_at(std::uint64_t position) {
    using Found = std::optional<StoredRecord>;
    auto inside = inside_;
    std::function<Result<Found>(Connection&)> work = [inside, position](Connection& c) -> Result<Found> {
        if (const auto aside = inside->damage.holding(position))
            return Error(Fault::damaged, "record " + std::to_string(position) + " is damaged and was set aside: " + aside->why);
        auto rows = c.use(GATEHOUSE_SELECT_RECORD "where r.position = ?");
        if (!rows) return std::move(rows).error();
        (*rows)->bind(1, position);
        auto row = (*rows)->step();
        if (!row && inside->damage.is_damage(row.error(), position - 1)) {
            inside->damage.meet({position, position, row.error().what()});
            return Error(Fault::damaged, row.error().what());
        }
        if (!row) return std::move(row).error();
        if (!*row) return Found();
        auto record = read_row(**rows);
        if (!record) {
            inside->damage.meet({position, position, record.error().what()});
            return std::move(record).error();
        }
        return Found(std::move(*record));
    };
    co_return co_await inside->look_past_damage<Found>(std::move(work));
}

Task<void> EventLog::until_beyond(std::uint64_t position) {
    auto inside = inside_;
    while (inside->head.position <= position) {
        inside->moved.reset();
        co_await inside->moved.wait();
    }
}

Task<Result<std::optional<std::pair<std::uint64_t, std::uint64_t>>>> EventLog::epoch_span(std::string epoch) {
    using Span = std::pair<std::uint64_t, std::uint64_t>;
    using Found = std::optional<std::pair<std::uint64_t, std::optional<std::uint64_t>>>;
    auto inside = inside_;
    std::function<Result<Found>(Connection&)> work = [epoch = std::move(epoch)](Connection& c) { return span_of_epoch(c, epoch); };
    auto found = co_await inside->look<Found>(std::move(work));
    if (!found) co_return std::move(found).error();
    if (!*found) co_return std::optional<Span>();
    co_return std::optional<Span>(Span((*found)->first, (*found)->second.value_or(inside->head.position)));
}

Task<Result<std::optional<Cursor>>> EventLog::cursor(std::string reader) {
    std::function<Result<std::optional<Cursor>>(Connection&)> work = [reader = std::move(reader)](Connection& c) { return cursor_of(c, reader); };
    co_return co_await inside_->look<std::optional<Cursor>>(std::move(work));
}

Task<Done> EventLog::move_cursor(std::string reader, Cursor to) {
    if (to.settled < to.member) co_return Error(Fault::refused, "a cursor's member lies beyond what is settled");
    std::function<Done(LogWriter&)> work = [reader = std::move(reader), to](LogWriter& log) {
        return store::move_cursor(log.connection(), reader, to);
    };
    co_return co_await inside_->change_only(std::move(work));
}

Task<Done> EventLog::retire_reader(std::string reader) {
    std::function<Done(LogWriter&)> work = [reader = std::move(reader)](LogWriter& log) { return store::retire_reader(log.connection(), reader); };
    co_return co_await inside_->change_only(std::move(work));
}

Task<Result<std::map<std::string, Cursor>>> EventLog::cursors() {
    std::function<Result<std::map<std::string, Cursor>>(Connection&)> work = live_cursors;
    co_return co_await inside_->look<std::map<std::string, Cursor>>(std::move(work));
}

Task<Result<std::vector<EntitlementVersion>>> EventLog::entitlements(std::string upstream) {
    using Versions = std::vector<EntitlementVersion>;
    std::function<Result<Versions>(Connection&)> work = [upstream = std::move(upstream)](Connection& c) { return entitlements_of(c, upstream); };
    co_return co_await inside_->look<Versions>(std::move(work));
}

Task<Result<EntitlementVersion>> EventLog::add_entitlement(std::string upstream, std::string rules) {
    auto inside = inside_;
    const auto now = inside->parts.clock.now();
    std::function<Result<EntitlementVersion>(LogWriter&)> work = [inside, upstream = std::move(upstream), rules = std::move(rules),
                                                                  now](LogWriter& log) -> Result<EntitlementVersion> {
        auto made = insert_entitlement(log.connection(), upstream, log.next_position(), rules);
        if (!made) return made;
        Record changed;
        changed.kind = Kind::upstream_changed;
        changed.heard_at = now;
        changed.source = "gateway";
        changed.facts = {{"upstream", upstream}, {"state", "entitled"}, {"version", made->version}};
        auto prepared = prepare(changed, {}, inside->hashes, now, inside->parts.entropy);
        if (!prepared) return std::move(prepared).error();
        if (auto appended = log.append(*prepared, std::nullopt); !appended) return std::move(appended).error();
        return made;
    };
    co_return co_await inside->change<EntitlementVersion>(std::move(work));
}

Task<Done> EventLog::add_dead_letter(DeadLetter letter) {
    std::function<Done(LogWriter&)> work = [letter = std::move(letter)](LogWriter& log) { return insert_dead_letter(log.connection(), letter); };
    co_return co_await inside_->change_only(std::move(work));
}

Task<Result<std::vector<DeadLetter>>> EventLog::dead_letters(std::string reader, std::size_t letters_max) {
    using Letters = std::vector<DeadLetter>;
    const auto wanted = std::min(letters_max, read_records_max);
    std::function<Result<Letters>(Connection&)> work = [reader = std::move(reader), wanted](Connection& c) {
        return dead_letters_of(c, reader, wanted);
    };
    co_return co_await inside_->look<Letters>(std::move(work));
}

Task<Result<std::string>> EventLog::note(std::string key) {
    std::function<Result<std::string>(Connection&)> work = [key = std::move(key)](Connection& c) { return note_of(c, key); };
    co_return co_await inside_->look<std::string>(std::move(work));
}

Task<Done> EventLog::set_note(std::string key, std::string value) {
    if (key.empty() || key.size() > reader_name_bytes_max || value.size() > note_bytes_max)
        co_return Error(Fault::full, "a note's key or value is empty or too long");
    std::function<Done(LogWriter&)> work = [key = std::move(key), value = std::move(value)](LogWriter& log) {
        return write_note(log.connection(), key, value);
    };
    co_return co_await inside_->change_only(std::move(work));
}

Task<Result<RegistryRow>> EventLog::put_registry_row(std::string row_class, std::string id, std::string body, Record record) {
    auto inside = inside_;
    if (auto checked = check_record(record); !checked) co_return std::move(checked).error();
    auto prepared = inside->prepare_now(record, {});
    if (!prepared) co_return std::move(prepared).error();
    std::function<Result<RegistryRow>(LogWriter&)> work = [row_class = std::move(row_class), id = std::move(id), body = std::move(body),
                                                           prepared = std::move(*prepared)](LogWriter& log) -> Result<RegistryRow> {
        auto made = insert_registry_row(log.connection(), row_class, id, body, log.next_position());
        if (!made) return made;
        if (auto appended = log.append(prepared, std::nullopt); !appended) return std::move(appended).error();
        return made;
    };
    co_return co_await inside->change<RegistryRow>(std::move(work));
}

Task<Done> EventLog::close_registry_row(std::string row_class, std::string id, Record record) {
    auto inside = inside_;
    if (auto checked = check_record(record); !checked) co_return checked;
    auto prepared = inside->prepare_now(record, {});
    if (!prepared) co_return std::move(prepared).error();
    std::function<Done(LogWriter&)> work = [row_class = std::move(row_class), id = std::move(id),
                                            prepared = std::move(*prepared)](LogWriter& log) -> Done {
        if (auto ended = end_registry_row(log.connection(), row_class, id, log.next_position()); !ended) return ended;
        if (auto appended = log.append(prepared, std::nullopt); !appended) return std::move(appended).error();
        return {};
    };
    co_return co_await inside->change_only(std::move(work));
}

Task<Result<std::vector<RegistryRow>>> EventLog::registry_rows(std::string row_class, std::optional<std::uint64_t> as_of) {
    using Rows = std::vector<RegistryRow>;
    std::function<Result<Rows>(Connection&)> work = [row_class = std::move(row_class), as_of](Connection& c) {
        return registry_rows_of(c, row_class, as_of);
    };
    co_return co_await inside_->look<Rows>(std::move(work));
}

Task<Result<Bytes>> EventLog::read_picture(Digest sha256) {
    auto inside = inside_;
    std::function<Result<Bytes>()> work = [inside, sha256] { return inside->pictures.read(sha256); };
    co_return co_await inside->on<Result<Bytes>>(inside->parts.pool, std::move(work));
}

Task<Result<std::vector<PictureRef>>> EventLog::Inside::keep_pictures(std::vector<Picture> given) {
    using Refs = std::vector<PictureRef>;
    auto self = shared_from_this();
    const auto now = parts.clock.now();
    std::function<Result<Refs>()> work = [self, given = std::move(given), now]() -> Result<Refs> {
        Refs refs;
        for (const auto& picture : given) {
            auto ref = self->pictures.put(now, picture.role, *picture.bytes);
            if (!ref) return std::move(ref).error();
            refs.push_back(*ref);
        }
        return refs;
    };
    co_return co_await on<Result<Refs>>(parts.pool, std::move(work));
}

Task<Done> EventLog::Inside::drop_pictures(std::vector<PictureRef> gone) {
    if (gone.empty()) co_return Done();
    auto self = shared_from_this();
    std::function<Done()> work = [self, gone = std::move(gone)]() -> Done {
        for (const auto& picture : gone)
            if (auto dropped = self->pictures.drop(picture.sha256); !dropped) return dropped;
        return {};
    };
    co_return co_await on<Done>(parts.pool, std::move(work));
}

Task<Result<Head>> EventLog::renew_epoch(std::string cause) {
    auto inside = inside_;
    const auto now = inside->parts.clock.now();
    std::function<Done(LogWriter&)> work = [inside, cause = std::move(cause), now](LogWriter& log) {
        return begin_told_epoch(log, cause, inside->hashes, now, inside->parts.entropy);
    };
    auto done = co_await inside->change_only(std::move(work));
    if (!done) co_return std::move(done).error();
    co_return inside->head;
}

bool EventLog::may_delete_by_time() const { return inside_->may_delete_by_time(); }

StoreStatus EventLog::status() const {
    StoreStatus status;
    status.disk = inside_->disk;
    status.fault = inside_->fault;
    status.records = inside_->records_counted + (inside_->head.position - std::min(inside_->head.position, inside_->counted_through));
    status.oldest_position = inside_->oldest_counted;
    if (status.oldest_position == 0 && inside_->head.position > 0) status.oldest_position = inside_->counted_through + 1;
    status.waiting_records = inside_->waiting_records;
    status.waiting_bytes = inside_->waiting_bytes;
    status.commits = inside_->commits;
    status.repeats = inside_->repeats;
    status.conflicts = inside_->conflicts;
    status.refused = inside_->refused;
    status.damaged = inside_->damaged_records;
    if (const auto first = inside_->damage.next_behind(0)) status.first_damaged = first->first;
    auto& files = inside_->parts.files;
    status.logs_aside = logs_aside(inside_->options.directory, files);
    status.database_bytes = files.size(inside_->options.directory + "/gatehouse.db") + files.size(inside_->options.directory + "/gatehouse.db-wal");
    status.free_bytes = files.free_bytes(inside_->options.directory);
    return status;
}

} // namespace gatehouse::store
