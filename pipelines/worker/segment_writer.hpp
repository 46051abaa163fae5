// SPDX-License-Identifier: Apache-2.0
//
// The thread that writes: a disk that takes 30 s for a sync holds up this thread and never the camera. It is handed whole fragments,
// hashes them as they go by, and makes a file durable before it calls it closed.
#pragma once

#include "pipelines/worker/recording_folder.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <variant>

namespace gatehouse::pipelines {

constexpr std::size_t disk_waiting_bytes_max = 16 * 1024 * 1024; ///< a slow disk's backlog per camera

class SegmentWriter {
public:
    explicit SegmentWriter(const RecordingFolder& folder);
    /// Finishes what it was given.
    ~SegmentWriter();
    SegmentWriter(const SegmentWriter&) = delete;
    SegmentWriter& operator=(const SegmentWriter&) = delete;

    /// What a segment is known by from its beginning; `fragments`, `bytes` and the hash are made here.
    void begin(Segment segment, Bytes init);
    /// False: the backlog is full; nothing of this segment may follow but end().
    bool add(Fragment fragment, Bytes bytes);
    /// `started_at`: better known by now than at its beginning.
    void end(std::string why, Time started_at, Time ended_at);
    /// What an earlier worker left; in its turn with the others.
    void repair(std::string file);

    /// What has come of it, in order.
    struct Opened {
        std::string file;
        Time started_at{};
    };
    struct Closed {
        Segment segment;
    };
    /// The disk refused; what was whole before is closed as a segment that was "lost", if anything was.
    struct Failed {
        Error error;
    };
    /// What was left unfinished could not be mended; it stays for the next worker.
    struct NotMended {
        Error error;
    };
    using Outcome = std::variant<Opened, Closed, Failed, NotMended>;
    std::vector<Outcome> outcomes();

    std::size_t waiting_bytes() const { return waiting_bytes_; }
    /// Nothing is left to be written.
    bool is_idle() const;

private:
    struct Begin {
        Segment segment;
        Bytes init;
    };
    struct Add {
        Fragment fragment;
        Bytes bytes;
    };
    struct End {
        std::string why;
        Time started_at{}, ended_at{};
    };
    struct Repair {
        std::string file;
    };
    using Job = std::variant<Begin, Add, End, Repair>;

    void run();
    void put(Job job);
    void tell(Outcome outcome);
    void work(Begin& job);
    void work(Add& job);
    void work(End& job);
    void work(Repair& job);
    void fail(Error error);
    void close(std::string why, Time ended_at);

    const RecordingFolder& folder_;
    mutable std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Job> jobs_;
    std::vector<Outcome> outcomes_;
    std::atomic<std::size_t> waiting_bytes_ = 0;
    bool working_ = false, ending_ = false;

    // The thread's own.
    Segment segment_;
    Descriptor file_;
    Sha256 hash_;
    std::thread thread_;
};

} // namespace gatehouse::pipelines
