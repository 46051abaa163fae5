// SPDX-License-Identifier: Apache-2.0
//
// The measurements. Each works in a folder of its own under `work`, which lies on the disk that is measured, and compares in one run:
// product and yardstick in turn, at least `pairs` times.
#pragma once

#include "tests/bench/row.hpp"

#include <cstdint>
#include <filesystem>

namespace gatehouse::bench {

struct Plan {
    std::filesystem::path work;  ///< an empty folder
    std::filesystem::path large; ///< a log with `large_records`, made once and kept from run to run
    std::uint64_t large_records = 10'000'000;
    std::size_t pairs = 5;
};

/// append: 64 sources with one append in flight each, durable, against a bare loop of prepared INSERTs into the same schema with the same
/// rows in the batches that the product made.
std::vector<Row> measure_append(const Plan& plan);
/// append_10m: the same into the large log, against an empty one.
std::vector<Row> measure_append_large(const Plan& plan);
/// history_p99: the newest 100 of a person or a vehicle in the large log; index_lag: how far the index is behind at 1,000 records/s.
std::vector<Row> measure_history(const Plan& plan);
/// drain: a backlog to a real broker and its application, first record read to last receipt stored, against mosquitto_pub with the same events.
std::vector<Row> measure_drain(const Plan& plan);
/// latency_p99: a device's frame to the event at the platform's subscriber at 200 records/s, against one fsync and one publish.
std::vector<Row> measure_latency(const Plan& plan);
/// catch_up: records/s of a backlog while live alarms go up beside it; holds where their p99 stays below a second.
std::vector<Row> measure_catch_up(const Plan& plan);
/// rss_mib and start_s: the daemon over the large log, with 64 devices and 4 upstreams.
std::vector<Row> measure_daemon(const Plan& plan);
/// playback_ms: from a span's question to the first byte of its picture, on an index of 30 days.
std::vector<Row> measure_playback(const Plan& plan);
/// motion_*, light_alarms, persons_*, watch_ms: watching against scenes whose truth is known, raw 1080p pictures, no decoding.
std::vector<Row> measure_watch(const Plan& plan);
/// watch_core_percent: the watching thread of a worker on a real stream; part of `watch`.
std::vector<Row> measure_watching(const Plan& plan);
/// record_1, record_16: CPU time of recording 1080p cameras against ffmpeg on the same streams; private memory and bytes written in the note.
std::vector<Row> measure_recording(const Plan& plan);
/// live_p95_ms: from a frame's due time to its fragment at a viewer of the daemon's live feed, beyond the fragment's own length.
std::vector<Row> measure_live(const Plan& plan);

} // namespace gatehouse::bench
