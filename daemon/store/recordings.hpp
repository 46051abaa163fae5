// SPDX-License-Identifier: Apache-2.0
//
// Recordings as the loop sees them: what workers report goes in, what is asked about comes out, what must go goes. All calls on the loop but
// read_file(). The index is written on one executor, looked at on the pool; values cross by copy.
#pragma once

#include "daemon/record/sink.hpp"
#include "daemon/store/recording_export.hpp"
#include "daemon/store/recording_keeper.hpp"
#include "daemon/store/recording_spans.hpp"

namespace gatehouse::store {

constexpr std::size_t waiting_segments_max = 1024;                     ///< reported while the index could not be written
constexpr Duration recording_floor_risk = std::chrono::hours(24) * 21; ///< how long before a floor breaks the alarm is raised

struct RecordingOptions {
    std::string directory; ///< of recordings.db
    std::string folder;    ///< of the video; beneath it a folder for each camera
    std::string vfs;       ///< SQLite's disk; empty: the machine's
    RecordingRules rules;
    Duration retention_every = std::chrono::seconds(30);
};

/// What it runs on; all of it outlives it.
struct RecordingParts {
    Loop& loop;
    Clock& clock;
    Entropy& entropy;
    Files& files;
    Executor& writer; ///< one thread
    Executor& pool;
    RecordSink& sink; ///< recording.gap, alarms
    ScanRecording scan;
    SigningKey signing;                       ///< the gateway's, for exports
    std::function<bool()> may_delete_by_time; ///< the event log's doubt of the clock; none: the clock's own word
};

/// Everything about a span of a camera.
struct RecordingsWithin {
    std::vector<RecordingSpan> spans;
    std::vector<RecordingLock> locks;
    bool is_whole = true; ///< false: spans_rows_max was met; ask again from the last span's end
};

struct RecordingStatus {
    Time as_of{};
    std::vector<CameraUsage> cameras;
    RecordingForecast forecast;
    std::size_t waiting = 0; ///< segments that have no row yet
    bool is_full = false;
    std::string fault; ///< why nothing can be recorded now; empty: nothing
};

class Recordings {
public:
    Recordings(RecordingOptions options, RecordingParts parts);
    ~Recordings();
    Recordings(const Recordings&) = delete;
    Recordings& operator=(const Recordings&) = delete;

    /// Once, before any worker runs and before run(): every file has its row and every row its file afterwards. What was missing is told as
    /// recording.gap. Fault::gone: the recordings' disk is not there.
    Task<Result<Reconciled>> reconcile();

    /// Comes back when the row is on disk. With a fault of the index's disk the segment is kept and tried again; a worker need not repeat it.
    Task<Done> add(pipelines::Segment segment);
    /// A hole that the caller knows the cause of. The record is the caller's.
    Task<Done> note_gap(RecordingGap gap);

    Task<Result<RecordingsWithin>> within(std::string camera, std::string stream, Time from, Time to);
    Task<Result<std::vector<RecordedFootage>>> footage(std::string camera, std::string stream, Time from, Time to);
    /// Part of a segment's file. Blocks; any thread. Fault::gone: it went meanwhile.
    Result<Bytes> read_file(const std::string& camera, const std::string& file, std::uint64_t offset, std::size_t bytes) const;

    Task<Result<std::int64_t>> add_lock(RecordingLock lock);
    Task<Done> remove_lock(std::string camera, std::int64_t id);
    Task<Result<std::vector<RecordingLock>>> locks(std::string camera);

    /// Ready to be read with next_of(). Fault::gone: nothing was recorded in the span.
    Task<Result<std::shared_ptr<RecordingExport>>> make_export(ExportOrder order);
    Task<Result<Bytes>> next_of(std::shared_ptr<RecordingExport> made);

    /// An index that cannot be looked at is no error but `fault`; the cameras are unknown then.
    Task<Result<RecordingStatus>> status();
    Task<Result<RecordingCheck>> check(bool hashes);

    /// One pass of retention now; run() does it every half minute.
    Task<Result<RemovalReport>> keep_retention();
    /// What each camera writes is measured anew; run() does it every hour.
    Task<Result<RecordingForecast>> look_ahead();
    /// Retention, forecasts, alarms, segments that wait. Ends by cancellation.
    Task<void> run();

    const std::string& folder() const;
    const RecordingRules& rules() const;

private:
    struct Inside;
    std::shared_ptr<Inside> inside_;
};

} // namespace gatehouse::store
