// SPDX-License-Identifier: Apache-2.0
//
// The writer's side: takes what waits, commits it together, and deals with a disk that failed. What a caller hears is decided here.
#include "daemon/store/inside/core.hpp"
#include "daemon/store/inside/restoring.hpp"

namespace gatehouse::store {

namespace {
using namespace std::chrono_literals;
/// While the disk is out, a reopening is tried at most this often; jobs in between fail at once.
constexpr Duration reopen_wait_min = 1s;
/// Ids of records that a failed commit left on the disk, remembered at most. One outage leaves no more than one group.
constexpr std::size_t arrived_ids_max = 8 * group_jobs_max;
} // namespace

Done AppendJob::apply(LogWriter& log) {
    auto done = log.append(record, mark);
    if (!done) return std::move(done).error();
    appended = *done;
    return {};
}

void EventLog::Inside::write_waiting() {
    std::vector<std::shared_ptr<Job>> again;
    for (;;) {
        std::vector<std::shared_ptr<Job>> group;
        {
            const std::lock_guard guard(mutex);
            // What survived a lost group comes first, so that order holds; it waits for the next nudge while the disk is out.
            waiting.insert(waiting.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
            const bool only_survivors = !again.empty() && waiting.size() == again.size();
            again.clear();
            if (waiting.empty() || (only_survivors && !writer.is_open())) {
                writing = false;
                return;
            }
            const auto count = std::min(waiting.size(), group_jobs_max);
            group.assign(std::make_move_iterator(waiting.begin()), std::make_move_iterator(waiting.begin() + static_cast<std::ptrdiff_t>(count)));
            waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count));
        }
        write_group(group, again);
        Outcome outcome{writer.head(), writer_disk, writer_fault, writer.commits(), writer.repeats(), writer.conflicts()};
        parts.loop.post(
            [self = shared_from_this(), group = std::move(group), outcome = std::move(outcome)]() mutable { self->settle(group, outcome); });
    }
}

Done EventLog::Inside::write_once(std::vector<std::shared_ptr<Job>>& group) {
    writer.say_clock(parts.clock.quality());
    if (auto begun = writer.begin(); !begun) return begun;
    for (auto& job : group) {
        job->failed.reset();
        if (job->survives && has_arrived(*job)) continue;
        auto done = job->apply(writer);
        if (done) continue;
        if (is_disk_fault(done.error())) return done;
        job->failed = std::move(done).error();
    }
    return writer.commit();
}

Done EventLog::Inside::reopen() {
    tried_at = parts.clock.steady_now();
    if (!acknowledged_up_to) acknowledged_up_to = writer.head().position;
    writer.close();
    // Every connection goes, readers' too: what any of them remembers may be a page that never reached the disk.
    readers.shut();
    auto opened = writer.open(parts.clock.now());
    if (opened) opened = note_arrived();
    if (!opened) writer.close();
    readers.open_again(!opened);
    writer_disk = opened ? DiskState::sound : DiskState::failed;
    writer_fault = opened ? std::string() : opened.error().what();
    return opened;
}

// A commit whose fsync failed may have reached the disk all the same, and the reopening that shows it may be minutes later. Until then
// nobody was told of these records; their jobs, or copies handed over meanwhile under the same id, are not to write them again.
Done EventLog::Inside::note_arrived() {
    const auto after = *acknowledged_up_to;
    arrived_after = after;
    if (writer.head().position > after) {
        if (arrived.size() > arrived_ids_max) arrived.clear();
        auto rows = writer.connection().use(GATEHOUSE_SELECT_RECORD "where r.position > ?");
        if (!rows) return std::move(rows).error();
        (*rows)->bind(1, after);
        for (;;) {
            auto row = (*rows)->step();
            if (!row) return std::move(row).error();
            if (!*row) break;
            auto record = read_row(**rows);
            if (!record) return std::move(record).error();
            arrived.emplace(record->id, record->position);
        }
    }
    acknowledged_up_to.reset();
    return {};
}

bool EventLog::Inside::has_arrived(Job& job) const {
    const auto* id = job.record_id();
    if (id == nullptr || arrived.empty()) return false;
    const auto found = arrived.find(*id);
    if (found == arrived.end()) return false;
    // Who waits for an answer may have given a mark, and only the commit that has just failed can have stored both.
    const bool is_of_last_failure = !acknowledged_up_to && found->second > arrived_after;
    if (!job.survives && !is_of_last_failure) return false;
    job.landed_at(found->second);
    return true;
}

void EventLog::Inside::write_group(std::vector<std::shared_ptr<Job>>& group, std::vector<std::shared_ptr<Job>>& again) {
    if (!writer.is_open()) {
        const bool too_soon = tried_at && parts.clock.steady_now() - *tried_at < reopen_wait_min;
        Error lost(Fault::unreachable, "the log's disk is out: " + writer_fault);
        if (too_soon) return sort_out(group, again, lost);
        if (auto opened = reopen(); !opened) return sort_out(group, again, std::move(opened).error());
        log::info("store", "the log is open again", {{"head", writer.head().position}});
    }
    auto done = write_once(group);
    if (done)
        done = writer.checkpoint_if_due();
    else {
        const auto error = std::move(done).error();
        log::error("store", "a commit failed; every connection is opened anew", {{"why", error.what()}});
        if (auto opened = reopen(); !opened) log::error("store", "the log stays shut", {{"why", opened.error().what()}});
        return sort_out(group, again, error);
    }
    if (done) writer.step_copy();
    if (done) return;
    // The group is durable; only the checkpoint failed. Nothing more is acknowledged on these connections.
    log::error("store", "a checkpoint failed; every connection is opened anew", {{"why", done.error().what()}});
    if (auto opened = reopen(); !opened) log::error("store", "the log stays shut", {{"why", opened.error().what()}});
}

void EventLog::Inside::sort_out(std::vector<std::shared_ptr<Job>>& group, std::vector<std::shared_ptr<Job>>& again, const Error& lost) {
    // Whoever finds its record on the disk has not failed.
    std::vector<std::shared_ptr<Job>> ended;
    for (auto& job : group) {
        job->failed.reset();
        if (!has_arrived(*job)) {
            if (job->survives) {
                again.push_back(std::move(job));
                continue;
            }
            job->failed = lost;
        }
        ended.push_back(std::move(job));
    }
    group = std::move(ended);
}

void EventLog::Inside::settle(std::vector<std::shared_ptr<Job>>& group, const Outcome& outcome) {
    const bool has_moved = outcome.head.position > head.position;
    head = outcome.head;
    disk = outcome.disk;
    fault = outcome.fault;
    commits = outcome.commits;
    repeats = outcome.repeats;
    conflicts = outcome.conflicts;
    for (auto& job : group) {
        waiting_records -= job->records;
        waiting_bytes -= job->bytes;
        if (const auto* appended = dynamic_cast<const AppendJob*>(job.get())) note_outcome(*appended);
        job->ended.set();
    }
    if (has_moved) moved.set();
    room.set();
    settled.set();
    tell_of_shed_records();
}

std::uint64_t EventLog::Inside::identity_of(const Prepared& record) const {
    return record.device_key ? event_hash(hashes.other, record.source, record.generation, *record.device_key) : keyed_hash(hashes.other, record.id);
}

void EventLog::Inside::note_outcome(const AppendJob& job) {
    const auto& record = job.record;
    if (!job.failed) {
        if (!refused_by_disk.empty()) refused_by_disk.stored(record.source, identity_of(record));
    } else if (is_disk_fault(*job.failed) && record.source != "gateway" && (record.happened_at || record.device_key)) {
        // A device's own event. What we say of it ourselves (it is online) is said again at each try, and nothing of it is lost.
        refused_by_disk.refused(record.source, identity_of(record), record.device_key.has_value(), record.heard_at, parts.clock.steady_now());
    }
}

Task<void> EventLog::Inside::tell_of_refused() {
    if (disk != DiskState::sound) refused_by_disk.still_out(parts.clock.steady_now());
    if (!refused_by_disk.is_due(parts.clock.steady_now())) co_return;
    auto self = shared_from_this();
    const auto untold = refused_by_disk.take();
    if (untold.empty()) co_return; // all of it came again
    const auto now = parts.clock.now();
    std::function<Done(LogWriter&)> telling = [self, untold, now](LogWriter& log) -> Done {
        for (const auto& of : untold) {
            json::object gap{{"of", of.source},          {"cause", "refused by the disk"},
                             {"count", of.count},        {"count_known", of.is_exact},
                             {"from", to_text(of.from)}, {"to", to_text(of.to)}};
            if (auto told = append_gateway_record(log, Kind::gap, std::move(gap), self->hashes, now, self->parts.entropy); !told) return told;
        }
        return {};
    };
    const auto told = co_await change_only(std::move(telling));
    if (!told) refused_by_disk.put_back(untold, parts.clock.steady_now());
}

void EventLog::Inside::tell_of_shed_records() {
    if (shed == 0 || !has_room(record_body_bytes_max)) return;
    Record gap;
    gap.kind = Kind::gap;
    gap.heard_at = parts.clock.now();
    gap.source = "gateway";
    gap.facts = {{"of", "gateway"}, {"cause", "queue full"}, {"count", shed}, {"count_known", true}};
    auto prepared = prepare_now(gap, {});
    if (!prepared) return;
    auto job = std::make_shared<AppendJob>();
    job->record = std::move(*prepared);
    job->records = 1;
    job->bytes = job->record.bytes();
    job->survives = true;
    shed = 0;
    enqueue(std::move(job));
}

} // namespace gatehouse::store
