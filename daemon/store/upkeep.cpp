// SPDX-License-Identifier: Apache-2.0
//
// What the store does by itself: keeps the index close behind, writes digests, lets go what is past its time, and comes back to a disk
// that failed. Ends by cancellation, after what was handed over is durable.
#include "daemon/base/text.hpp"
#include "daemon/store/inside/core.hpp"

namespace gatehouse::store {

namespace {
using namespace std::chrono_literals;
constexpr Duration index_lag_max = 500ms; // and its work stays below another half second
constexpr Duration disk_look_every = 1s;
constexpr int removal_failures_max = 32; // of a pass; each costs the writer a reopening
constexpr std::string_view near_ceiling_code = "retention.near_ceiling";
constexpr std::string_view floor_at_risk_code = "retention.floor_at_risk";
const std::string clock_doubt_note = "retention.clock_doubt";
const std::string clock_marks_note = "retention.clock_marks";
} // namespace

Task<void> EventLog::Inside::tend_disk() {
    for (;;) {
        co_await parts.clock.sleep_for(disk_look_every);
        tell_of_shed_records();
        co_await look_at_clock();
        co_await tell_of_refused();
        if (damage.has_met()) {
            auto aside = co_await set_aside_met();
            if (!aside) log::warning("store", "damaged records are not set aside yet", {{"why", aside.error().what()}});
        }
        if (disk == DiskState::sound) continue;
        // An empty change: the writer tries to open the log anew before it.
        std::function<Done(LogWriter&)> nothing = [](LogWriter&) -> Done { return {}; };
        co_await change_only(std::move(nothing));
    }
}

Task<Done> EventLog::Inside::catch_up_index() {
    auto self = shared_from_this();
    for (;;) {
        std::function<Result<bool>()> work = [self] { return self->index.catch_up(); };
        auto more = co_await on<Result<bool>>(parts.indexer, std::move(work));
        if (!more) {
            auto error = std::move(more).error();
            if (error.fault() != Fault::damaged) co_return error;
            auto aside = co_await set_aside_met();
            if (!aside) co_return std::move(aside).error();
            if (!*aside) co_return error; // the index's own file
            continue;
        }
        if (!*more) co_return Done();
    }
}

Task<void> EventLog::Inside::tend_index() {
    for (;;) {
        if (head.position > index.indexed()) {
            auto done = co_await catch_up_index();
            if (!done) log::warning("store", "the history index is behind", {{"why", done.error().what()}});
        }
        co_await parts.clock.sleep_for(index_lag_max);
    }
}

Task<Done> EventLog::Inside::make_digest() {
    auto self = shared_from_this();
    const auto now = parts.clock.now();
    std::function<Done(LogWriter&)> work = [now](LogWriter& log) -> Done {
        auto record = log.make_digest(now);
        if (!record) return std::move(record).error();
        if (!*record) return {};
        if (auto appended = log.append(**record, std::nullopt); !appended) return std::move(appended).error();
        return {};
    };
    co_return co_await change_only(std::move(work));
}

Task<void> EventLog::Inside::tend_digests() {
    for (;;) {
        co_await parts.clock.sleep_for(options.digest_every);
        auto done = co_await make_digest();
        if (!done) log::warning("store", "no digest this hour", {{"why", done.error().what()}});
    }
}

Task<Result<std::uint64_t>> EventLog::Inside::remove_batch(std::vector<std::uint64_t> positions, std::map<std::string, PassedOver> passed_over) {
    using Records = std::vector<StoredRecord>;
    auto self = shared_from_this();
    std::function<Result<Records>(Connection&)> reading = [self, positions](Connection& c) { return read_records(c, self->damage, positions); };
    auto records = co_await look_past_damage<Records>(std::move(reading));
    if (!records) co_return std::move(records).error();
    std::vector<PictureRef> gone;
    for (const auto& record : *records) gone.insert(gone.end(), record.pictures.begin(), record.pictures.end());
    auto dropped = co_await drop_pictures(std::move(gone));
    if (!dropped) co_return std::move(dropped).error();
    const auto now = parts.clock.now();
    auto shared = std::make_shared<Records>(std::move(*records));
    std::function<Done(LogWriter&)> removing = [self, shared, passed_over = std::move(passed_over), now](LogWriter& log) {
        return remove_records(log, *shared, passed_over, self->hashes, now, self->parts.entropy);
    };
    auto removed = co_await change_only(std::move(removing));
    if (!removed) co_return std::move(removed).error();
    std::function<Done()> forgetting = [self, shared] { return self->index.forget_removed(*shared); };
    auto forgotten = co_await on<Done>(parts.indexer, std::move(forgetting));
    if (!forgotten) log::warning("store", "the index still points at removed records", {{"why", forgotten.error().what()}});
    co_return shared->size();
}

void EventLog::Inside::hand_over_own(Record record) {
    record.heard_at = parts.clock.now();
    record.source = "gateway";
    auto prepared = prepare_now(record, {});
    if (!prepared) return;
    auto job = std::make_shared<AppendJob>();
    job->record = std::move(*prepared);
    job->records = 1;
    job->bytes = job->record.bytes();
    job->survives = true;
    enqueue(std::move(job));
}

void EventLog::Inside::tell_of_ceilings(const std::map<std::string, std::uint64_t>& near) {
    near_ceiling_counts = near;
    for (const auto& [reader, count] : near) {
        if (!near_ceiling.insert(reader).second) continue;
        Record alarm;
        alarm.kind = Kind::alarm_raised;
        alarm.facts = {{"code", near_ceiling_code},
                       {"zone", reader},
                       {"cause", std::to_string(count) + " records that " + reader + " has not receipted go within seven days"}};
        hand_over_own(std::move(alarm));
    }
    for (auto reader = near_ceiling.begin(); reader != near_ceiling.end();) {
        if (near.contains(*reader)) {
            ++reader;
            continue;
        }
        Record cleared;
        cleared.kind = Kind::alarm_cleared;
        cleared.facts = {{"code", near_ceiling_code}, {"zone", *reader}};
        hand_over_own(std::move(cleared));
        reader = near_ceiling.erase(reader);
    }
}

Done EventLog::Inside::reckon_from(std::optional<Time> newest) {
    reckoned_at = parts.clock.now();
    reckoned_steady = parts.clock.steady_now();
    auto kept = note_of(writer.connection(), clock_doubt_note);
    if (!kept) return std::move(kept).error();
    doubt_kept = std::move(*kept);
    auto marks = note_of(writer.connection(), clock_marks_note);
    if (!marks) return std::move(marks).error();
    clock_marks = ClockMarks::read(*marks);
    if (const auto gone = to_number(doubt_kept))
        in_doubt = reckoned_steady - std::chrono::hours(*gone);
    else if (newest && (reckoned_at - *newest > silence_max || *newest - reckoned_at > clock_set_max))
        in_doubt = reckoned_steady;
    return {};
}

// Nothing is deleted by a clock that was set ten years ahead just now: who set it wrong has a day to see it. What was heard since then bears
// the new time, so that a restart could not tell: hence the note.
Task<void> EventLog::Inside::look_at_clock() {
    const auto now = parts.clock.now();
    const auto steady = parts.clock.steady_now();
    const Duration gained = (now - reckoned_at) - (steady - reckoned_steady);
    reckoned_at = now;
    reckoned_steady = steady;
    if (gained > clock_set_max || gained < -clock_set_max) {
        log::warning("store", "the clock was set by much: nothing is deleted for its age within a day", {{"by_s", gained.count() / 1'000'000}});
        in_doubt = steady;
    }
    if (in_doubt && steady - *in_doubt >= clock_doubt) in_doubt.reset();
    const auto told = in_doubt ? std::to_string(std::chrono::floor<std::chrono::hours>(steady - *in_doubt).count()) : std::string();
    if (told != doubt_kept) {
        std::function<Done(LogWriter&)> noting = [told](LogWriter& log) { return write_note(log.connection(), clock_doubt_note, told); };
        auto noted = co_await change_only(std::move(noting));
        if (noted) doubt_kept = told; // else at the next look
    }
    if (!may_delete_by_time() || disk != DiskState::sound || !clock_marks.is_due(now)) co_return;
    auto marks = clock_marks;
    marks.add(head.position, now);
    std::function<Done(LogWriter&)> marking = [text = marks.text()](LogWriter& log) { return write_note(log.connection(), clock_marks_note, text); };
    auto marked = co_await change_only(std::move(marking));
    if (marked) clock_marks = std::move(marks);
}

Task<Result<std::uint64_t>> EventLog::Inside::retention_pass() {
    using Rows = std::vector<AgedRow>;
    using Cursors = std::map<std::string, Cursor>;
    auto self = shared_from_this();
    std::uint64_t removed = 0;
    co_await look_at_clock();
    if (!may_delete_by_time() || verifications > 0) co_return removed;
    std::function<Result<Cursors>(Connection&)> read_cursors = live_cursors;
    auto cursors = co_await look<Cursors>(std::move(read_cursors));
    if (!cursors) co_return std::move(cursors).error();
    const bool is_at_reserve = parts.files.free_bytes(options.directory) < options.reserve_bytes;
    const RetentionRules rules(options.kept, *cursors, parts.clock.now(), is_at_reserve);
    std::map<std::string, std::uint64_t> near;
    std::uint64_t after = 0;
    std::size_t batch_max = removed_records_max;
    int failures = 0;
    for (bool more = true; more;) {
        std::function<Result<Rows>(Connection&)> reading = [self, after, marks = clock_marks, now = parts.clock.now()](Connection& c) {
            return read_aged(c, self->damage, after, marks, now);
        };
        auto rows = co_await look_past_damage<Rows>(std::move(reading));
        if (!rows) co_return std::move(rows).error();
        more = rows->size() >= retention_rows_max;
        std::vector<std::uint64_t> going;
        std::map<std::string, PassedOver> passed_over;
        bool begins_again = false;
        for (const auto& row : *rows) {
            after = row.position;
            // Heard long after: nothing beyond can be due.
            const auto fate = unremovable.contains(row.position) ? Fate::stays : rules.fate_of(row);
            if (fate == Fate::stays) {
                if (rules.is_near_ceiling(row))
                    for (const auto& reader : rules.needed_by(row)) ++near[reader];
            } else {
                if (fate == Fate::goes_unread)
                    for (const auto& reader : rules.needed_by(row)) {
                        auto& passed = passed_over.try_emplace(reader, PassedOver{row.position, row.position, 0}).first->second;
                        passed.last = row.position;
                        ++passed.count;
                    }
                going.push_back(row.position);
            }
            if (going.size() < batch_max && &row != &rows->back()) continue;
            if (going.empty()) continue;
            auto batch = std::exchange(going, {});
            auto passed = std::exchange(passed_over, {});
            const auto first = batch.front(), count = batch.size();
            auto done = co_await remove_batch(std::move(batch), std::move(passed));
            if (done) {
                removed += *done;
                batch_max = std::min(removed_records_max, batch_max * 2);
                continue;
            }
            // Beside a page that cannot be read some rows cannot be deleted: fewer at a time, until it is known which.
            if (done.error().fault() != Fault::damaged || ++failures > removal_failures_max) co_return std::move(done).error();
            if (count == 1) {
                log::warning("store", "a record past its time cannot be deleted", {{"position", first}, {"why", done.error().what()}});
                unremovable.insert(first);
            }
            batch_max = std::max<std::size_t>(1, count / 8);
            after = first - 1;
            more = true;
            begins_again = true;
            break;
        }
        if (!begins_again && !rows->empty() && rows->back().at > rules.youngest_of_interest() + std::chrono::days(2)) more = false;
    }
    tell_of_ceilings(near);
    if (removed > 0) {
        std::function<Result<std::uint64_t>(LogWriter&)> condensing = [](LogWriter& log) {
            log.ask_truncation();
            return condense(log);
        };
        auto condensed = co_await change<std::uint64_t>(std::move(condensing));
        if (!condensed) co_return std::move(condensed).error();
    }
    co_return removed;
}

Task<Result<RetentionReport>> EventLog::Inside::report() {
    const auto path = options.directory + "/gatehouse.db";
    const auto used = parts.files.size(path) + parts.files.size(path + "-wal");
    const auto unused = parts.files.free_bytes(options.directory);
    const auto now = parts.clock.now();
    auto self = shared_from_this();
    std::function<Result<RetentionReport>(Connection&)> reading = [self, used, unused, marks = clock_marks, now](Connection& c) {
        return make_report(c, self->options.kept, used, unused, self->options.reserve_bytes, marks, now);
    };
    auto found = co_await look<RetentionReport>(std::move(reading));
    if (found) {
        found->near_ceiling = near_ceiling_counts;
        found->is_clock_in_doubt = in_doubt.has_value();
    }
    co_return found;
}

Task<void> EventLog::Inside::count_records() {
    struct Counted {
        std::uint64_t records = 0, through = 0, oldest = 0;
    };
    std::function<Result<Counted>(Connection&)> counting = [](Connection& c) -> Result<Counted> {
        auto row = c.use("select count(*), coalesce(max(position), 0), coalesce(min(position), 0) from record");
        if (!row) return std::move(row).error();
        auto there = (*row)->step();
        if (!there) return std::move(there).error();
        return Counted{(*row)->unsigned_number(0), (*row)->unsigned_number(1), (*row)->unsigned_number(2)};
    };
    const auto before = head.position;
    auto counted = co_await look<Counted>(std::move(counting));
    if (!counted) {
        // A page in between cannot be read: as if none were missing.
        records_counted = counted_through = before;
        co_return;
    }
    records_counted = counted->records;
    counted_through = std::max(before, counted->through); // the newest may be gone already
    oldest_counted = counted->oldest;
}

Task<void> EventLog::Inside::tend_retention() {
    co_await count_records();
    for (;;) {
        co_await parts.clock.sleep_for(options.retention_every);
        auto removed = co_await retention_pass();
        if (!removed) log::warning("store", "retention did not get through", {{"why", removed.error().what()}});
        auto destroyed = co_await picture_pass();
        if (!destroyed) log::warning("store", "pictures stay past their ceiling", {{"why", destroyed.error().what()}});
        if (!removed || *removed > 0) co_await count_records();
        auto foreseen = co_await report();
        const bool is_at_risk =
            foreseen && foreseen->floor_breaks_at && *foreseen->floor_breaks_at < parts.clock.now() + std::chrono::days(floor_risk_days);
        if (is_at_risk != is_floor_at_risk && foreseen) {
            is_floor_at_risk = is_at_risk;
            Record alarm;
            alarm.kind = is_at_risk ? Kind::alarm_raised : Kind::alarm_cleared;
            alarm.facts = {{"code", floor_at_risk_code}};
            if (is_at_risk)
                alarm.facts["cause"] = "the disk is full before the oldest records may go, on " + to_text(*foreseen->floor_breaks_at).substr(0, 10);
            hand_over_own(std::move(alarm));
        }
    }
}

Task<void> EventLog::run() {
    auto inside = inside_;
    std::vector<Task<void>> tasks;
    tasks.push_back(inside->repeat_erasures());
    tasks.push_back(inside->tend_disk());
    tasks.push_back(inside->tend_index());
    tasks.push_back(inside->tend_digests());
    tasks.push_back(inside->tend_retention());
    auto tending = all(std::move(tasks));
    // The queue is first come, first served: when this empty change is through, so is everything handed over before it.
    std::function<Task<void>()> drain = [inside]() -> Task<void> { return inside->drain(); };
    co_await then_at_cancellation(std::move(tending), std::move(drain));
}

Task<void> EventLog::Inside::drain() {
    std::function<Done(LogWriter&)> nothing = [](LogWriter&) -> Done { return {}; };
    co_await change_only(std::move(nothing));
}

Task<Result<std::uint64_t>> EventLog::keep_retention() { co_return co_await inside_->retention_pass(); }
Task<Result<std::uint64_t>> EventLog::keep_picture_retention() { co_return co_await inside_->picture_pass(); }
Task<Done> EventLog::write_digest() { co_return co_await inside_->make_digest(); }
Task<Done> EventLog::index_all() { co_return co_await inside_->catch_up_index(); }
Task<Result<RetentionReport>> EventLog::retention_report() { co_return co_await inside_->report(); }

} // namespace gatehouse::store
