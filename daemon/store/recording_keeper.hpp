// SPDX-License-Identifier: Apache-2.0
//
// The one that writes recordings.db and the only one that removes a recording's file. Blocks: used on one thread at a time, Recordings' writer.
// The order of its steps is what keeps R1 to R4 of README.md over any crash.
#pragma once

#include "daemon/base/entropy.hpp"
#include "daemon/store/files.hpp"
#include "daemon/store/recording_index.hpp"
#include "daemon/store/recording_retention.hpp"
#include "pipelines/link/segment_name.hpp"

#include <functional>

namespace gatehouse::store {

/// At most so many bytes of the file at hand from an offset on.
using ReadRecording = std::function<Result<Bytes>(std::uint64_t offset, std::size_t bytes)>;
/// What a file holds that has no row: all of the segment but camera, stream, file, hash and times; `bytes` up to its last whole fragment.
using ScanRecording = std::function<Result<pipelines::Segment>(std::uint64_t file_bytes, const ReadRecording& read)>;

/// What a start found.
struct Reconciled {
    std::uint64_t adopted = 0;         ///< files without a row that have one now
    std::uint64_t removed = 0;         ///< files without a row in which nothing could be played
    std::uint64_t finished = 0;        ///< removals that a crash had cut short
    std::uint64_t left = 0;            ///< files that are not ours, or could not be read now
    std::vector<RecordingGap> missing; ///< rows whose file was gone
};

struct RemovalReport {
    std::uint64_t segments = 0, bytes = 0;
    std::vector<RecordingGap> lost; ///< what the full disk took, a span a camera and stream
    bool before_floor = false;      ///< some of it before its floor
    bool is_full = false;           ///< the reserve is short, and nothing is left that may go
};

struct RecordingCheck {
    std::uint64_t segments = 0, bytes = 0, hashed = 0;
    std::uint64_t missing = 0, wrong_size = 0, wrong_hash = 0, orphans = 0, going = 0;
    std::string first_bad; ///< "gate-1/main-….mp4: no file"
    bool is_sound() const { return missing + wrong_size + wrong_hash + orphans == 0; }
};

class RecordingKeeper {
public:
    struct Place {
        std::string index;  ///< path of recordings.db
        std::string vfs;    ///< SQLite's disk; empty: the machine's
        std::string folder; ///< beneath it a folder for each camera
    };
    RecordingKeeper(Place place, Files& files, Entropy& entropy, ScanRecording scan);

    /// Also after a fault: everything is opened anew, and what a failed sync may have left behind is written out before anything else.
    /// Fault::gone: the recordings' disk is not there (R5); nothing was touched.
    Done open();

    /// The segment's file is there, whole and synced. Fault::malformed: what was said cannot be, or the file is not as was said;
    /// Fault::refused: it has a row already; a fault of the disk: nothing is stored.
    Result<std::int64_t> add(const pipelines::Segment& segment);
    Done note_gap(const RecordingGap& gap);
    Result<std::int64_t> add_lock(const RecordingLock& lock);
    Done remove_lock(const std::string& camera, std::int64_t id);

    /// Before any worker runs: every file has one owner afterwards, and every row its file. Where a camera's folder cannot be read, it stays as it is.
    Result<Reconciled> reconcile();
    /// One pass: what must go goes.
    Result<RemovalReport> keep_retention(const RecordingRules& rules, Time now, bool may_delete_by_time, std::uint64_t ahead_bytes);

    std::string path_of(const std::string& camera, const std::string& file) const { return place_.folder + "/" + camera + "/" + file; }

private:
    template <class Work>
    auto with_index(Work work) -> decltype(work(std::declval<Connection&>()));
    Done look_at_disk(Connection& c);
    Result<std::int64_t> insert(Connection& c, const pipelines::Segment& segment, ByteView init);
    Result<pipelines::Segment> make_whole(const std::string& camera, const std::string& file, const pipelines::SegmentName& name,
                                          pipelines::Segment segment);
    Done adopt(Connection& c, const std::string& camera, const std::string& file, Reconciled& report);
    Done reconcile_camera(Connection& c, const std::string& camera, Reconciled& report);
    Done remove(Connection& c, const std::vector<RecordedSegment>& going, const std::vector<RecordingGap>& gaps);
    Done remove_without_room(Connection& c, const std::vector<RecordedSegment>& going, const std::vector<RecordingGap>& gaps);
    Done finish_removal(Connection& c, const std::vector<RecordedSegment>& going);

    Place place_;
    Files& files_;
    Entropy& entropy_;
    ScanRecording scan_;
    Connection connection_;
};

/// Every row against its file, every file against its row; hashes too when asked for, which reads everything. Any thread, its own connection.
/// Files newer than their camera's newest row may have been finished just now, and are no orphans; nor is what is still being written.
Result<RecordingCheck> check_recordings(Connection& c, Files& files, const std::string& folder, bool hashes);

/// A name that is one folder or file and nothing else.
bool is_plain_name(std::string_view name);

} // namespace gatehouse::store
