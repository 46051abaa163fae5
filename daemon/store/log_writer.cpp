// SPDX-License-Identifier: Apache-2.0
//
// Order of work in open() and commit() is the durability argument of README.md; change both together.
#include "daemon/store/log_writer.hpp"

#include "daemon/base/expects.hpp"
#include "daemon/base/log.hpp"
#include "daemon/store/migrate.hpp"
#include "daemon/store/tables.hpp"

#include <algorithm>

namespace gatehouse::store {

namespace {

constexpr int wal_pages_checkpoint_min = 1000;        // 4 MiB: the checkpoint's pause stays short
constexpr std::uint64_t highest_every_records = 8192; // what a start has to read of the tail
constexpr int copy_pages_max = 100;                   // between two commits: 0.4 MB, a few milliseconds
constexpr std::size_t recent_events_max = 200'000;    // about 16 MiB; older ones are looked up in the file
constexpr std::size_t recent_events_kept_min = 4096;

Result<Digest> to_digest(ByteView blob) {
    Digest digest{};
    if (blob.size() != digest.size()) return Error(Fault::damaged, "a hash of " + std::to_string(blob.size()) + " bytes");
    std::copy(blob.begin(), blob.end(), digest.begin());
    return digest;
}

} // namespace

bool is_disk_fault(const Error& error) {
    return error.fault() == Fault::damaged || error.fault() == Fault::full || error.fault() == Fault::unreachable;
}

std::uint64_t event_hash(const Key& key, std::string_view source, std::uint32_t generation, std::uint64_t device_key) {
    std::array<std::uint8_t, 16> numbers{};
    put_u64_be(std::span(numbers).first(8), generation);
    put_u64_be(std::span(numbers).last(8), device_key);
    std::string text(as_text(numbers));
    text += source;
    return keyed_hash(key, text);
}

LogWriter::LogWriter(Options options, const SiteKeys& keys, Files& files, Entropy& entropy, Damage& damage)
    : options_(std::move(options)), hashes_(keys.hash), signing_(keys.signing_seed), files_(files), entropy_(entropy), damage_(damage) {}

Done LogWriter::open_connection() {
    auto opened = Connection::open(path(), Connection::Access::create, options_.vfs);
    if (!opened) return std::move(opened).error();
    connection_ = std::move(*opened);
    // secure_delete: an erased person's text is overwritten, not only forgotten. recursive_triggers: so that no "replace" slips past
    // the delete triggers.
    if (auto set = connection_.run("pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on; pragma foreign_keys = off; "
                                   "pragma recursive_triggers = on; pragma cache_size = -8000; pragma temp_store = memory;");
        !set)
        return set;
    auto mode = connection_.text("pragma journal_mode");
    if (!mode) return std::move(mode).error();
    if (*mode != "wal") return Error(Fault::unsupported, "the log's disk does not take a WAL (journal mode " + *mode + ")");
    connection_.take_over_checkpoints();
    return connection_.keep_wal();
}

Done LogWriter::make_first_rows(Time now) {
    new_epoch_cause_.reset();
    auto known = connection_.number("select count(*) from gateway");
    if (!known) return std::move(known).error();
    if (auto begun = begin(); !begun) return begun;
    if (*known == 0) {
        auto row = connection_.use("insert into gateway(one, machine_id, file_system, opened, highest_as_of) values (1, ?, ?, 0, 0)");
        if (!row) return std::move(row).error();
        (*row)->bind(1, options_.machine.machine_id).bind(2, options_.machine.file_system);
        if (auto done = (*row)->run(); !done) return done;
        next_ = 1;
        if (auto done = begin_epoch(now, "installed"); !done) return done;
    } else {
        auto stored = connection_.use("select machine_id, file_system from gateway");
        if (!stored) return std::move(stored).error();
        auto row = (*stored)->step();
        if (!row) return std::move(row).error();
        // Unknown on either side proves nothing.
        const auto differs = [](std::string_view was, const std::string& is) { return !was.empty() && !is.empty() && was != is; };
        if (differs((*stored)->text(0), options_.machine.machine_id)) new_epoch_cause_ = "machine-id changed";
        if (differs((*stored)->text(1), options_.machine.file_system)) new_epoch_cause_ = "file system changed";
    }
    // This write also makes the WAL file exist, at every start.
    auto opened = connection_.use("update gateway set opened = opened + 1");
    if (!opened) return std::move(opened).error();
    if (auto done = (*opened)->run(); !done) return done;
    return connection_.run("commit");
}

Done LogWriter::make_wal_durable() {
    // SQLite swallows a failure of this very fsync (measured), so it is done here, and its answer is believed.
    return files_.sync_folder(options_.directory);
}

Done LogWriter::verify_head() {
    auto epoch_row = connection_.use("select number, id, first_position from epoch order by number desc limit 1");
    if (!epoch_row) return std::move(epoch_row).error();
    auto epoch_there = (*epoch_row)->step();
    if (!epoch_there) return std::move(epoch_there).error();
    if (!*epoch_there) return Error(Fault::damaged, "the log has no epoch");
    epoch_number_ = (*epoch_row)->number(0);
    epoch_ = (*epoch_row)->string(1);
    epoch_first_ = (*epoch_row)->unsigned_number(2);

    Head found;
    found.epoch = epoch_;
    found.epoch_first = epoch_first_;
    std::uint64_t first_sealed = 0;
    {
        auto last = connection_.use("select last, first, seal from seal order by last desc limit 1");
        if (!last) return std::move(last).error();
        auto there = (*last)->step();
        if (!there) return std::move(there).error();
        if (*there) {
            found.position = (*last)->unsigned_number(0);
            first_sealed = (*last)->unsigned_number(1);
            auto seal = to_digest((*last)->blob(2));
            if (!seal) return std::move(seal).error();
            found.seal = *seal;
        }
    }
    auto newest = connection_.number("select coalesce(max((select max(position) from record), 0), 0)");
    if (!newest) return std::move(newest).error();
    if (static_cast<std::uint64_t>(*newest) > found.position) return Error(Fault::damaged, "records stand beyond the last seal");
    Digest head_commitment{};
    if (found.position > 0) {
        Digest previous{};
        {
            auto before = connection_.use(
                "select seal from (select last, seal from seal where last < ?1 union all select last, seal from signed_digest where last < ?1) "
                "order by last desc limit 1");
            if (!before) return std::move(before).error();
            (*before)->bind(1, first_sealed);
            auto there = (*before)->step();
            if (!there) return std::move(there).error();
            if (*there) {
                auto seal = to_digest((*before)->blob(0));
                if (!seal) return std::move(seal).error();
                previous = *seal;
            }
        }
        Sealing sealing(previous, first_sealed, found.position);
        for (auto position = first_sealed; position <= found.position; ++position) {
            auto row = connection_.use(GATEHOUSE_SELECT_RECORD "where r.position = ?");
            if (!row) return std::move(row).error();
            (*row)->bind(1, position);
            auto there = (*row)->step();
            if (!there) return std::move(there).error();
            if (*there) {
                auto record = read_row(**row);
                if (!record) return std::move(record).error();
                head_commitment = record->commitment;
                newest_heard_at_ = record->heard_at;
            } else {
                auto left = connection_.use("select commitment from removed where position = ?");
                if (!left) return std::move(left).error();
                (*left)->bind(1, position);
                auto is_removed = (*left)->step();
                if (!is_removed) return std::move(is_removed).error();
                if (!*is_removed) return Error(Fault::damaged, "record " + std::to_string(position) + " is missing under its seal");
                auto commitment = to_digest((*left)->blob(0));
                if (!commitment) return std::move(commitment).error();
                head_commitment = *commitment;
            }
            sealing.add(head_commitment);
        }
        if (sealing.finish() != found.seal) return Error(Fault::damaged, "the last seal does not fit its records");
    }
    if (acknowledged_ && found.position < head_.position)
        return Error(Fault::damaged,
                     "the log ends at " + std::to_string(found.position) + ", but " + std::to_string(head_.position) + " was acknowledged");
    if (acknowledged_ && found.position == head_.position && found.seal != head_.seal)
        return Error(Fault::damaged, "the head is not the one acknowledged");
    head_ = found;
    head_commitment_ = head_commitment;
    acknowledged_ = true;
    next_ = head_.position + 1;
    return {};
}

Done LogWriter::open(Time now) {
    auto fail = [this](Error error, std::string_view doing) -> Done {
        close();
        return std::move(error).during(doing);
    };
    if (auto done = open_connection(); !done) return fail(std::move(done).error(), "opening the log");
    if (auto done = migrate(connection_); !done) return fail(std::move(done).error(), "migrating the log");
    if (auto done = make_first_rows(now); !done) return fail(std::move(done).error(), "opening the log");
    if (auto done = make_wal_durable(); !done) return fail(std::move(done).error(), "making the WAL durable");
    if (auto done = connection_.checkpoint_truncate(); !done) return fail(std::move(done).error(), "opening the log");
    if (auto done = verify_head(); !done) return fail(std::move(done).error(), "verifying the head");
    if (auto done = load_damage(); !done) return fail(std::move(done).error(), "reading what was set aside");
    if (auto done = load_keys(); !done) return fail(std::move(done).error(), "reading the tail");
    return {};
}

void LogWriter::close() {
    if (copy_) copy_state_ = {true, Error(Fault::damaged, "the log was opened anew during the copy")};
    copy_.reset();
    roll_back();
    connection_.close();
}

Done LogWriter::begin() {
    auto begin = connection_.use("begin immediate");
    if (!begin) return std::move(begin).error();
    return (*begin)->run();
}

void LogWriter::roll_back() {
    connection_.roll_back();
    commitments_.clear();
    marks_.clear();
    next_ = head_.position + 1;
}

Done LogWriter::begin_epoch(Time now, std::string_view cause) {
    const auto id = to_text(make_uuid_v7(now, entropy_));
    auto row = connection_.use("insert into epoch(number, id, first_position, cause, begun_at) values (?, ?, ?, ?, ?)");
    if (!row) return std::move(row).error();
    (*row)->bind(1, epoch_number_ + 1).bind(2, id).bind(3, next_).bind(4, cause).bind(5, to_us(now));
    if (auto done = (*row)->run(); !done) return done;
    auto machine = connection_.use("update gateway set machine_id = ?, file_system = ?");
    if (!machine) return std::move(machine).error();
    (*machine)->bind(1, options_.machine.machine_id).bind(2, options_.machine.file_system);
    if (auto done = (*machine)->run(); !done) return done;
    ++epoch_number_;
    epoch_ = id;
    epoch_first_ = next_;
    return {};
}

Result<Appended> LogWriter::append(const Prepared& record, const std::optional<SourceMark>& mark) {
    if (clock_quality_ == ClockQuality::unsynced && record.clock == ClockState::synced && record.source == "gateway") {
        Prepared unsynced = record;
        unsynced.clock = ClockState::unsynced;
        return append(unsynced, mark);
    }
    Appended appended;
    std::optional<std::uint64_t> conflicts;
    if (record.device_key) {
        auto seen = find_event(record);
        if (!seen) return std::move(seen).error();
        if (seen->same) {
            appended.position = *seen->same;
            appended.repeated = true;
            ++repeats_;
        }
        conflicts = seen->other;
    }
    if (!appended.repeated) {
        Digest commitment{};
        if (auto done = insert(record, next_, conflicts, commitment); !done) return std::move(done).error();
        if (record.device_key) remember(record, next_);
        commitments_.push_back(commitment);
        appended.position = next_++;
        appended.conflicts = conflicts.has_value();
        if (conflicts) ++conflicts_;
    }
    if (mark) note_mark(record.source, *mark);
    return appended;
}

void LogWriter::note_mark(const std::string& source, const SourceMark& mark) {
    const auto [at, is_first] = marks_.try_emplace(source, mark);
    if (!is_first && std::pair(mark.generation, mark.number) >= std::pair(at->second.generation, at->second.number)) at->second = mark;
}

Done LogWriter::insert(const Prepared& record, std::uint64_t position, std::optional<std::uint64_t> conflicts, Digest& made) {
    FrameView frame;
    frame.position = position;
    frame.epoch = epoch_;
    frame.id = record.id;
    frame.kind = name_of(record.kind);
    if (record.happened_at) frame.happened_at_us = to_us(*record.happened_at);
    frame.heard_at_us = to_us(record.heard_at);
    frame.clock = name_of(record.clock);
    frame.clock_offset_us = record.clock_offset_us;
    frame.compound = options_.compound;
    frame.source = record.source;
    frame.place = record.place;
    frame.device_key = record.device_key;
    frame.generation = record.generation;
    frame.sameness = record.sameness;
    frame.conflicts_with = conflicts;
    frame.facts = record.facts;
    made = commitment(frame, record.personal);

    auto use = connection_.use("insert into record values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!use) return std::move(use).error();
    auto& row = **use;
    const auto maybe = [&row](int place, const std::optional<std::uint64_t>& value) { value ? row.bind(place, *value) : row.bind_null(place); };
    const auto text_or_null = [&row](int place, std::string_view text) { text.empty() ? row.bind_null(place) : row.bind(place, text); };
    row.bind(1, position).bind(2, epoch_number_).bind(3, ByteView(record.id_bytes)).bind(4, frame.kind);
    frame.happened_at_us ? row.bind(5, *frame.happened_at_us) : row.bind_null(5);
    row.bind(6, frame.heard_at_us).bind(7, static_cast<int>(record.clock)).bind(8, frame.clock_offset_us);
    row.bind(9, frame.compound).bind(10, frame.source).bind(11, frame.place);
    maybe(12, record.device_key);
    row.bind(13, record.generation);
    maybe(14, record.sameness);
    maybe(15, conflicts);
    row.bind(16, frame.facts).bind(17, ByteView(record.personal)).bind(18, ByteView(made));
    text_or_null(19, record.subject);
    text_or_null(20, record.details);
    text_or_null(21, record.pictures);
    row.bind(22, ByteView(record.salt));
    return row.run();
}

Done LogWriter::write_seal(Digest& made) {
    const auto first = head_.position + 1;
    Sealing sealing(head_.seal, first, next_ - 1);
    for (const auto& commitment : commitments_) sealing.add(commitment);
    made = sealing.finish();
    auto row = connection_.use("insert into seal(last, first, seal) values (?, ?, ?)");
    if (!row) return std::move(row).error();
    (*row)->bind(1, next_ - 1).bind(2, first).bind(3, ByteView(made));
    return (*row)->run();
}

Done LogWriter::write_marks() {
    // A mark never goes back: what is older than the stored one is a late catch-up's, and changes nothing.
    for (const auto& [source, mark] : marks_) {
        auto row = connection_.use("insert into source_mark(source, generation, number, text) values (?1, ?2, ?3, ?4) "
                                   "on conflict(source) do update set generation = ?2, number = ?3, text = ?4 "
                                   "where ?2 > generation or (?2 = generation and ?3 >= number)");
        if (!row) return std::move(row).error();
        (*row)->bind(1, source).bind(2, mark.generation).bind(3, mark.number).bind(4, mark.text);
        if (auto done = (*row)->run(); !done) return done;
    }
    return {};
}

Done LogWriter::commit() {
    expects(commitments_.size() == next_ - 1 - head_.position, "positions have no holes");
    Digest seal = head_.seal;
    if (!commitments_.empty())
        if (auto done = write_seal(seal); !done) return done;
    if (auto done = write_marks(); !done) return done;
    const bool writes_highest = next_ - 1 >= highest_as_of_ + highest_every_records;
    if (writes_highest)
        if (auto done = write_highest(); !done) return done;
    {
        auto commit = connection_.use("commit");
        if (!commit) return std::move(commit).error();
        if (auto done = (*commit)->run(); !done) return done;
    }
    if (!commitments_.empty()) head_commitment_ = commitments_.back();
    head_.position = next_ - 1;
    head_.seal = seal;
    head_.epoch = epoch_;
    head_.epoch_first = epoch_first_;
    if (writes_highest) highest_as_of_ = head_.position;
    commitments_.clear();
    marks_.clear();
    ++commits_;
    forget_indexed();
    return {};
}

void LogWriter::step_copy() {
    if (const auto to = std::exchange(copy_asked_, std::nullopt)) {
        if (copy_) {
            copy_state_ = {true, Error(Fault::busy, "a backup is being written")};
            return;
        }
        auto begun = OnlineCopy::begin(connection_, *to, options_.vfs);
        if (!begun) {
            copy_state_ = {true, std::move(begun).error()};
            return;
        }
        copy_.emplace(std::move(*begun));
    }
    if (!copy_) return;
    auto step = copy_->step(copy_pages_max);
    if (step && !*step) return;
    copy_state_.is_over = true;
    auto done = step ? copy_->finish() : Done(std::move(step).error());
    if (!done) copy_state_.failed = std::move(done).error();
    copy_.reset();
}

Done LogWriter::checkpoint_if_due() {
    if (wants_truncation_) {
        auto done = connection_.checkpoint_truncate();
        if (done) wants_truncation_ = false;
        return !done && done.error().fault() == Fault::busy ? Done() : done;
    }
    if (connection_.wal_pages() < wal_pages_checkpoint_min) return {};
    auto left = connection_.checkpoint_passive();
    if (!left && left.error().fault() == Fault::busy) return {}; // a reader is in the way; the next commit asks again
    if (!left) return std::move(left).error();
    return {};
}

std::uint64_t* LogWriter::highest_of(std::string_view source, std::uint32_t generation) {
    const auto found = highest_.find(source);
    if (found == highest_.end()) return nullptr;
    for (auto& entry : found->second)
        if (entry.generation == generation) return &entry.key;
    return nullptr;
}

void LogWriter::remember(const Prepared& record, std::uint64_t position) {
    const auto hash = event_hash(hashes_.other, record.source, record.generation, *record.device_key);
    recent_.emplace(hash, position);
    recent_order_.emplace_back(position, hash);
    if (record.key_is_hashed) return;
    auto found = highest_.find(record.source);
    if (found == highest_.end()) found = highest_.emplace(record.source, std::vector<Highest>()).first;
    for (auto& entry : found->second)
        if (entry.generation == record.generation) {
            if (*record.device_key > entry.key) {
                entry.key = *record.device_key;
                entry.is_dirty = true;
            }
            return;
        }
    found->second.push_back({record.generation, *record.device_key, true});
}

void LogWriter::forget_indexed() {
    const auto indexed = older_ != nullptr ? older_->indexed() : 0;
    while (recent_order_.size() > recent_events_kept_min && (recent_order_.front().first <= indexed || recent_order_.size() > recent_events_max)) {
        const auto [position, hash] = recent_order_.front();
        const auto [from, to] = recent_.equal_range(hash);
        const auto entry = std::find_if(from, to, [position](const auto& one) { return one.second == position; });
        if (entry != to) recent_.erase(entry);
        recent_from_ = position;
        recent_order_.pop_front();
    }
}

Done LogWriter::write_highest() {
    for (auto& [source, entries] : highest_)
        for (auto& entry : entries) {
            if (!entry.is_dirty) continue;
            auto row = connection_.use("insert into highest_key(source, generation, highest) values (?1, ?2, ?3) "
                                       "on conflict(source, generation) do update set highest = ?3");
            if (!row) return std::move(row).error();
            (*row)->bind(1, source).bind(2, entry.generation).bind(3, entry.key);
            if (auto done = (*row)->run(); !done) return done;
            entry.is_dirty = false;
        }
    auto row = connection_.use("update gateway set highest_as_of = ?");
    if (!row) return std::move(row).error();
    (*row)->bind(1, next_ - 1);
    return (*row)->run();
}

Done LogWriter::load_damage() {
    auto text = note_of(connection_, damage_note);
    if (!text) return std::move(text).error();
    // A list that is damaged itself costs finding it all again, no more.
    if (auto loaded = damage_.load(*text); !loaded) log::warning("store", "what was set aside is looked for anew", {{"why", loaded.error().what()}});
    return {};
}

Done LogWriter::load_keys() {
    highest_.clear();
    recent_.clear();
    recent_order_.clear();
    {
        auto rows = connection_.use("select source, generation, highest from highest_key");
        if (!rows) return std::move(rows).error();
        for (;;) {
            auto row = (*rows)->step();
            if (!row) return std::move(row).error();
            if (!*row) break;
            highest_[(*rows)->string(0)].push_back({static_cast<std::uint32_t>((*rows)->number(1)), (*rows)->unsigned_number(2), false});
        }
    }
    auto as_of = connection_.number("select highest_as_of from gateway");
    if (!as_of) return std::move(as_of).error();
    highest_as_of_ = static_cast<std::uint64_t>(*as_of);
    recent_from_ = highest_as_of_;
    // An event in a row that cannot be read is forgotten: when its device brings it again, it is stored, which is what one wants.
    Walk::Options options;
    options.goes_on = true;
    Walk rows(connection_, damage_,
              "select position, source, generation, device_key from record where position >= ? and position <= ? order by position", highest_as_of_,
              INT64_MAX, std::move(options));
    for (;;) {
        auto there = rows.next();
        if (!there) return std::move(there).error();
        if (!*there) return {};
        auto& row = rows.row();
        if (row.is_null(3)) continue;
        Prepared event;
        event.source = row.string(1);
        event.generation = static_cast<std::uint32_t>(row.number(2));
        event.device_key = row.unsigned_number(3);
        // Whether the key was a hash is not kept: taking it for a number only costs look-ups later.
        remember(event, row.unsigned_number(0));
    }
}

Result<LogWriter::Seen> LogWriter::find_event(const Prepared& record) {
    Seen seen;
    const auto* highest = highest_of(record.source, record.generation);
    if (!record.key_is_hashed && (highest == nullptr || *record.device_key > *highest)) return seen;
    const auto hash = event_hash(hashes_.other, record.source, record.generation, *record.device_key);
    std::vector<std::uint64_t> candidates;
    const auto [from, to] = recent_.equal_range(hash);
    for (auto entry = from; entry != to; ++entry) candidates.push_back(entry->second);
    auto indexed = older_ != nullptr ? older_->indexed() : 0;
    if (indexed > 0) {
        auto older = older_->positions_of(hash);
        // A damaged index is no fault of the log's: the log itself is read instead.
        if (older)
            candidates.insert(candidates.end(), older->begin(), older->end());
        else
            indexed = 0;
    }
    if (indexed < recent_from_) {
        // The index is behind what memory holds (it is being rebuilt): slow and right.
        Walk::Options options;
        options.goes_on = true;
        options.bind_more = [&](Statement& row) { row.bind(3, record.source).bind(4, record.generation).bind(5, *record.device_key); };
        Walk rows(connection_, damage_,
                  "select position from record where position >= ? and position <= ? and source = ? and generation = ? and device_key = ? "
                  "order by position",
                  indexed, recent_from_ + 1, std::move(options));
        for (;;) {
            auto row = rows.next();
            if (!row) return std::move(row).error();
            if (!*row) break;
            candidates.push_back(rows.position());
        }
    }
    std::sort(candidates.begin(), candidates.end());
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
    if (auto done = weigh(candidates, record, seen); !done) return std::move(done).error();
    return seen;
}

Done LogWriter::weigh(const std::vector<std::uint64_t>& candidates, const Prepared& record, Seen& seen) {
    for (const auto position : candidates) {
        // What is damaged is not there: brought again by its device, the event is stored whole.
        if (damage_.holding(position)) continue;
        auto rows = connection_.use("select source, generation, device_key, sameness from record where position = ?");
        if (!rows) return std::move(rows).error();
        (*rows)->bind(1, position);
        auto row = (*rows)->step();
        if (!row && row.error().fault() == Fault::damaged) {
            damage_.meet({position, position, row.error().what()});
            continue;
        }
        if (!row) return std::move(row).error();
        // A hash may be another event's, and retention may have removed the row: only the row itself decides.
        if (!*row || (*rows)->text(0) != record.source || (*rows)->number(1) != record.generation || (*rows)->is_null(2) ||
            (*rows)->unsigned_number(2) != *record.device_key)
            continue;
        if (!(*rows)->is_null(3) && (*rows)->unsigned_number(3) == record.sameness) {
            seen.same = position;
            return {};
        }
        if (!seen.other) seen.other = position;
    }
    return {};
}

Result<std::optional<Prepared>> LogWriter::make_digest(Time now) {
    std::uint64_t first = 1;
    Digest previous{};
    {
        auto last = connection_.use("select last, seal from signed_digest order by last desc limit 1");
        if (!last) return std::move(last).error();
        auto there = (*last)->step();
        if (!there) return std::move(there).error();
        if (*there) {
            first = (*last)->unsigned_number(0) + 1;
            auto seal = to_digest((*last)->blob(1));
            if (!seal) return std::move(seal).error();
            previous = *seal;
        }
    }
    if (head_.position < first) return std::optional<Prepared>();
    const auto at = to_text(now);
    const auto signature = signing_.sign(digest_message(head_.epoch, first, head_.position, head_.seal, previous, at));
    auto row = connection_.use("insert into signed_digest(last, first, epoch, seal, previous, at, key, signature) values (?, ?, ?, ?, ?, ?, ?, ?)");
    if (!row) return std::move(row).error();
    (*row)->bind(1, head_.position).bind(2, first).bind(3, head_.epoch).bind(4, ByteView(head_.seal)).bind(5, ByteView(previous)).bind(6, at);
    (*row)->bind(7, ByteView(signing_.public_key())).bind(8, ByteView(signature));
    if (auto done = (*row)->run(); !done) return std::move(done).error();
    Record record;
    record.kind = Kind::digest;
    record.heard_at = now;
    record.source = "gateway";
    record.facts = {{"epoch", head_.epoch},
                    {"first", first},
                    {"last", head_.position},
                    {"seal", to_hex(head_.seal)},
                    {"previous", to_hex(previous)},
                    {"key", to_base64(signing_.public_key())},
                    {"signature", to_base64(signature)},
                    {"at", at}};
    auto made = prepare(record, {}, hashes_, now, entropy_);
    if (!made) return std::move(made).error();
    return std::optional<Prepared>(std::move(*made));
}

} // namespace gatehouse::store
