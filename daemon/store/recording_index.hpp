// SPDX-License-Identifier: Apache-2.0
//
// recordings.db, statement by statement: the tables of schema/recordings.sql as values. One connection writes (Recordings' writer thread);
// looks may use any. No file but the database's own is touched here.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/store/sqlite.hpp"
#include "pipelines/link/segment.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::store {

std::string_view recordings_schema();

/// A segment's row without its fragments.
struct RecordedSegment {
    std::int64_t id = 0;
    std::string camera, stream, file;
    std::uint64_t bytes = 0;
    Digest sha256{};
    Time started_at{}, ended_at{};
    std::uint32_t init_bytes = 0, timescale = 0;
    std::string codecs;
    std::uint16_t width = 0, height = 0;
    std::string ended; ///< why
};

/// The same with what playing it needs. Inits are shared where they are equal.
struct RecordedFootage {
    RecordedSegment segment;
    std::shared_ptr<const Bytes> init;
    std::vector<pipelines::Fragment> fragments;
};

struct RecordingLock {
    std::int64_t id = 0;
    std::string camera;
    Time from{}, to{};
    std::string case_number, by;
    Time until{}, made_at{};
};

struct RecordingGap {
    std::string camera, stream;
    Time from{}, to{};
    std::string cause;
};

/// What a camera holds.
struct CameraUsage {
    std::string camera;
    std::uint64_t segments = 0, bytes = 0;
    Time oldest{}, newest{}; ///< of what is kept; the epoch when nothing is
};

constexpr std::size_t camera_locks_max = 256;
constexpr std::size_t spans_rows_max = 50'000; ///< segments looked at for one answer: a camera's month of minutes
constexpr std::size_t gaps_max = 10'000;       ///< told in one answer

/// Creates what is missing. Fault::unsupported: a newer version's.
Result<Connection> open_recording_index(const std::string& path, const std::string& vfs);

// Changes; each within the caller's transaction or in one of its own.
Result<std::int64_t> insert_segment(Connection& c, const pipelines::Segment& segment, ByteView init);
Done mark_going(Connection& c, std::int64_t id);
Done remove_going(Connection& c, std::int64_t id);
/// Put together with a gap of the same cause that ends within two seconds before.
Done insert_gap(Connection& c, const RecordingGap& gap);
Result<std::int64_t> insert_lock(Connection& c, const RecordingLock& lock);
/// Fault::gone: no such lock of this camera.
Done remove_lock(Connection& c, const std::string& camera, std::int64_t id);
Done remove_old_gaps(Connection& c, Time before);

// Looks.
Result<std::vector<std::string>> indexed_cameras(Connection& c);
Result<std::vector<CameraUsage>> usages(Connection& c);
/// Of one camera, all streams, by file name: those going and those not.
Result<std::vector<std::pair<RecordedSegment, bool>>> segments_of_camera(Connection& c, const std::string& camera);
Result<std::optional<RecordedSegment>> segment_by_id(Connection& c, std::int64_t id);
/// Those that overlap [from, to), in order of time, without those going; at most `rows_max`.
Result<std::vector<RecordedSegment>> segments_within(Connection& c, const std::string& camera, const std::string& stream, Time from, Time to,
                                                     std::size_t rows_max);
Result<std::vector<RecordedFootage>> footage_within(Connection& c, const std::string& camera, const std::string& stream, Time from, Time to,
                                                    std::size_t rows_max);
/// The oldest not going; of one camera, or of all when it is empty.
Result<std::vector<RecordedSegment>> oldest_segments(Connection& c, const std::string& camera, std::size_t rows_max);
Result<std::vector<RecordingGap>> gaps_within(Connection& c, const std::string& camera, const std::string& stream, Time from, Time to);
Result<std::vector<RecordingLock>> locks_of(Connection& c, const std::string& camera);
Result<std::vector<RecordingLock>> all_locks(Connection& c);
/// Bytes of a camera's segments that began at `since` or later.
Result<std::uint64_t> bytes_since(Connection& c, const std::string& camera, Time since);

} // namespace gatehouse::store
