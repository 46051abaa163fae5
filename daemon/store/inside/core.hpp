// SPDX-License-Identifier: Apache-2.0
//
// What EventLog is made of, and the one place where its threads meet. Loop: everything under "loop". Writer: `writer`. Between them:
// `waiting` under `mutex`. Jobs travel to the writer and come back to the loop; closures hold the Inside alive, so that a store that is
// let go while its writer works ends its work first.
#pragma once

#include "daemon/base/log.hpp"
#include "daemon/store/connections.hpp"
#include "daemon/store/damage.hpp"
#include "daemon/store/erasure.hpp"
#include "daemon/store/event_log.hpp"
#include "daemon/store/history_index.hpp"
#include "daemon/store/log_writer.hpp"
#include "daemon/store/look_alike.hpp"
#include "daemon/store/pictures.hpp"
#include "daemon/store/refused_events.hpp"
#include "daemon/store/retention.hpp"
#include "daemon/store/tables.hpp"

#include <deque>
#include <mutex>
#include <set>

namespace gatehouse::store {

/// One change on its way to a commit. Made and ended on the loop; apply() runs on the writer, once more after a lost group only where
/// `survives` holds.
struct Job {
    virtual ~Job() = default;
    /// Within a group. An Error of the disk loses the group; another is this job's alone.
    virtual Done apply(LogWriter& log) = 0;
    /// After a lost group and a good reopening: the id of the record that this job was to append, to see whether it got there.
    virtual const std::string* record_id() const { return nullptr; }
    virtual void landed_at(std::uint64_t) {}

    std::optional<Error> failed;
    bool survives = false; ///< handed over: waits for the disk instead of failing
    std::size_t records = 0, bytes = 0;
    Event ended; ///< loop only
};

struct AppendJob final : Job {
    Prepared record;
    std::optional<SourceMark> mark;
    Appended appended;
    Done apply(LogWriter& log) override;
    const std::string* record_id() const override { return &record.id; }
    void landed_at(std::uint64_t position) override {
        appended = {};
        appended.position = position;
    }
};

/// A change that answers a value.
template <class T>
struct ChangeJob final : Job {
    std::function<Result<T>(LogWriter&)> work;
    std::optional<T> value;
    Done apply(LogWriter& log) override {
        auto done = work(log);
        if (!done) return std::move(done).error();
        value.emplace(std::move(*done));
        return {};
    }
};

/// A change that answers nothing.
struct PlainJob final : Job {
    std::function<Done(LogWriter&)> work;
    Done apply(LogWriter& log) override { return work(log); }
};

/// Within begin() and commit(): a gap for what of `met` is new, an alarm where `raises`, the note. Answers all that is set aside now.
Result<std::vector<DamagedRange>> set_aside(LogWriter& log, const std::vector<DamagedRange>& met, bool raises, const HashKeys& hashes, Time now,
                                            Entropy& entropy);

constexpr int damage_rounds_max = 64; ///< damages that one look may meet before it ends with the error

struct EventLog::Inside : std::enable_shared_from_this<EventLog::Inside> {
    Inside(StoreOptions o, SiteKeys k, StoreParts p);

    StoreOptions options;
    SiteKeys keys;
    HashKeys hashes;
    StoreParts parts;
    std::unique_ptr<FileLock> lock;
    Damage damage; ///< any thread
    Connections readers;
    LogWriter writer;     ///< writer's thread
    HistoryIndex index;   ///< indexer; find() on the pool, positions_of() on the writer
    Pictures pictures;    ///< pool
    ErasureList erasures; ///< pool

    std::mutex mutex;
    std::deque<std::shared_ptr<Job>> waiting;
    bool writing = false;

    // Writer.
    DiskState writer_disk = DiskState::sound;
    std::string writer_fault;
    std::optional<Instant> tried_at;                 ///< the last reopening
    std::optional<std::uint64_t> acknowledged_up_to; ///< since a commit failed, until a reopening succeeds: what lies beyond is in doubt
    std::map<std::string, std::uint64_t> arrived;    ///< id -> position of what failed commits left on the disk, bounded
    std::uint64_t arrived_after = 0;                 ///< what the last of them left begins after this position

    // Loop.
    Head head;
    DiskState disk = DiskState::sound;
    std::string fault;
    std::size_t waiting_records = 0, waiting_bytes = 0;
    std::uint64_t commits = 0, repeats = 0, conflicts = 0, refused = 0;
    RefusedEvents refused_by_disk;
    std::uint64_t shed = 0; ///< handed over while the queue was full, not yet told in a gap
    Event room, moved, settled;
    int verifications = 0; ///< retention waits for them
    std::uint64_t records_counted = 0, counted_through = 0, oldest_counted = 0;
    std::map<PictureRole, std::uint64_t> pictures_gone;       ///< all pictures of this role of records up to here have gone by its ceiling
    std::set<std::string> near_ceiling;                       ///< readers that an alarm was raised for
    std::map<std::string, std::uint64_t> near_ceiling_counts; ///< as of the last look, for the report
    bool is_floor_at_risk = false;
    bool is_setting_aside = false;
    Event was_set_aside;
    std::uint64_t damaged_records = 0; ///< positions set aside
    std::optional<Instant> damage_alarmed_at;
    std::set<std::uint64_t> unremovable; ///< past their time, beside a damaged page
    Time reckoned_at{};                  ///< the wall clock when it was last held against the monotonic one, …
    Instant reckoned_steady{};           ///< … and that one
    std::optional<Instant> in_doubt;     ///< since when the wall clock is no ground for deleting
    ClockMarks clock_marks;              ///< as the log's note has them
    std::string doubt_kept;              ///< what the log's note says of it: whole hours gone, empty for none; a restart goes on from there

    /// Loop: hands a job to the writer.
    void enqueue(std::shared_ptr<Job> job);
    bool has_room(std::size_t bytes) const { return waiting_records < queue_records_max && waiting_bytes + bytes <= queue_bytes_max; }
    Task<void> until_room(std::size_t bytes);

    /// Loop: a change in a commit of its own or shared; its value once it is durable.
    template <class T>
    Task<Result<T>> change(std::function<Result<T>(LogWriter&)> work) {
        auto job = std::make_shared<ChangeJob<T>>();
        job->work = std::move(work);
        enqueue(job);
        co_await job->ended.wait();
        if (job->failed) co_return std::move(*job->failed);
        expects(job->value.has_value(), "a change that did not fail has its value");
        co_return std::move(*job->value);
    }
    Task<Done> change_only(std::function<Done(LogWriter&)> work);
    /// Until everything that was handed over before is in the log.
    Task<void> drain();

    /// Loop: reads on a pool thread.
    template <class T>
    Task<Result<T>> look(std::function<Result<T>(Connection&)> work) {
        auto self = shared_from_this();
        std::function<Result<T>()> with_connection = [self, work = std::move(work)]() -> Result<T> {
            auto lease = self->readers.take();
            if (!lease) return std::move(lease).error();
            auto answer = work(**lease);
            if (!answer && is_disk_fault(answer.error())) lease->mark_bad();
            return answer;
        };
        auto& loop = parts.loop;
        auto& pool = parts.pool;
        co_return co_await run_on<Result<T>>(loop, pool, std::move(with_connection));
    }

    /// Loop: blocking work elsewhere, which owns what it touches.
    template <class T>
    Task<T> on(Executor& there, std::function<T()> work) {
        auto& loop = parts.loop;
        co_return co_await run_on<T>(loop, there, std::move(work));
    }
    /// Loop: the same for what goes through rows: what it meets there is set aside, and it is asked again.
    template <class T>
    Task<Result<T>> look_past_damage(std::function<Result<T>(Connection&)> work) {
        for (int round = 0;; ++round) {
            auto again = work;
            auto answer = co_await look<T>(std::move(again));
            if (answer || answer.error().fault() != Fault::damaged || round == damage_rounds_max) co_return answer;
            auto aside = co_await set_aside_met();
            if (!aside) co_return std::move(aside).error();
            if (!*aside) co_return answer;
        }
    }
    /// Loop: what readers met and noted gets its gaps, an alarm and its place in the note, in one commit. False: there was nothing, or it can
    /// be read after all.
    Task<Result<bool>> set_aside_met();
    Task<Result<std::vector<DamagedRange>>> confirm(std::vector<DamagedRange> met);

    Task<Result<std::vector<PictureRef>>> keep_pictures(std::vector<Picture> given);
    Task<Done> drop_pictures(std::vector<PictureRef> gone);
    Task<Result<Erased>> carry_out(Erasure erasure);
    /// What the library holds of a person of this keyed subject; answers the versions that lost their personal part.
    Task<Result<std::uint64_t>> erase_from_library(std::uint64_t subject_key);
    Task<void> repeat_erasures();
    Task<Done> truncate_wal();
    Task<Done> catch_up_index();
    void hand_over_own(Record record);
    Task<void> tend_disk();
    Task<void> tend_index();
    Task<void> tend_digests();
    Task<void> tend_retention();
    /// How many records there are: counted at the start and after each pass of retention, which alone takes away; appends add up.
    Task<void> count_records();
    Task<Done> make_digest();
    /// At the start: the wall clock is held against the newest record of the last run; a doubt of then goes on.
    Done reckon_from(std::optional<Time> newest);
    /// Holds the wall clock against the monotonic one; a doubt that begins, lasts or ends is noted in the log.
    Task<void> look_at_clock();
    /// The clock is synced and was not set by much for a day: what it calls old may go.
    bool may_delete_by_time() const { return parts.clock.quality() == ClockQuality::synced && !in_doubt; }
    Task<Result<std::uint64_t>> retention_pass();
    /// Destroys pictures past their role's ceiling; their records stay. Answers how many.
    Task<Result<std::uint64_t>> picture_pass();
    Task<Result<std::uint64_t>> picture_pass_of(PictureRole role, Time heard_before);
    Task<Result<std::uint64_t>> remove_batch(std::vector<std::uint64_t> positions, std::map<std::string, PassedOver> passed_over);
    void tell_of_ceilings(const std::map<std::string, std::uint64_t>& near);
    Task<Result<RetentionReport>> report();

    Result<Prepared> prepare_now(const Record& record, std::span<const PictureRef> pictures);

    // Writer.
    void write_waiting();
    struct Outcome {
        Head head;
        DiskState disk;
        std::string fault;
        std::uint64_t commits, repeats, conflicts;
    };
    void write_group(std::vector<std::shared_ptr<Job>>& group, std::vector<std::shared_ptr<Job>>& again);
    Done write_once(std::vector<std::shared_ptr<Job>>& group);
    Done reopen();
    Done note_arrived();
    /// Its record stands in the log already: told so.
    bool has_arrived(Job& job) const;
    void sort_out(std::vector<std::shared_ptr<Job>>& group, std::vector<std::shared_ptr<Job>>& again, const Error& lost);
    // Loop.
    void settle(std::vector<std::shared_ptr<Job>>& group, const Outcome& outcome);
    void tell_of_shed_records();
    /// What it is known by when it comes again: its device's number, else its id.
    std::uint64_t identity_of(const Prepared& record) const;
    void note_outcome(const AppendJob& job);
    Task<void> tell_of_refused();
};

} // namespace gatehouse::store
