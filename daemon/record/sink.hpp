// SPDX-License-Identifier: Apache-2.0
//
// The way in. Behind it: pictures to disk, then record to the log, group commit, fsync. A device is acknowledged only after append()
// has come back.
#pragma once

#include "daemon/base/task.hpp"
#include "daemon/record/record.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse {

/// The end of the *unbroken* run of a source's events: everything up to it is stored. A live event beyond a hole is stored without
/// moving it; catch-up meets it again and drops it by its key.
struct SourceMark {
    std::uint32_t generation = 0;
    std::uint64_t number = 0;
    std::string text; ///< what else the driver must know, at most 256 bytes; e.g. the time of the last plate
    friend bool operator==(const SourceMark&, const SourceMark&) = default;
};

struct Appended {
    std::uint64_t position = 0; ///< of the first copy, when repeated
    bool repeated = false;      ///< the same event (source, generation, key, sameness) was there already: nothing was added
    bool conflicts = false;     ///< same key, other sameness: kept, with conflicts_with
};

class RecordSink {
public:
    virtual ~RecordSink() = default;

    /// Comes back after the commit's fsync. Waits while the queue is full (4,096 records, 8 MiB): that slows the device. Once handed
    /// over it is not cancelled. The mark is stored in the record's commit (also when the record is a repeat).
    /// Fault::malformed (schema, bounds): nothing stored. Fault::full, damaged, unreachable: the disk; nothing may be acknowledged.
    virtual Task<Result<Appended>> append(Record record, std::optional<SourceMark> mark) = 0;

    /// At the start of a conversation. None: never heard of.
    virtual Task<Result<std::optional<SourceMark>>> last_mark(std::string source) = 0;

    /// For what waits for nothing (command.asked, command.done): handed over now, stored when the disk lets it. When the queue is full
    /// the record is counted and a gap says so.
    virtual void hand_over(Record record) = 0;
};

} // namespace gatehouse
