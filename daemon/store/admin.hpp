// SPDX-License-Identifier: Apache-2.0
//
// What people with a right to it do to the log: look in it, prove it, erase a person, back it up. All calls on the loop.
#pragma once

#include "daemon/store/store.hpp"

namespace gatehouse::store {

struct HistoryQuery {
    std::string subject;     ///< empty: any
    bool look_alike = false; ///< also subjects that look like it
    std::optional<Kind> kind;
    std::string source;                  ///< empty: any
    std::optional<Time> from, to;        ///< effective time, both ends in
    std::optional<std::uint64_t> before; ///< a page's `next`
    std::size_t records_max = 100;
};

struct HistoryPage {
    std::vector<StoredRecord> records; ///< newest first
    std::optional<std::uint64_t> next; ///< ask again with before = next; none: that was all
};

struct Erased {
    std::uint64_t records = 0;
    std::uint64_t pictures = 0;
    std::uint64_t position = 0;     ///< of the last subject.erased
    std::uint64_t library_rows = 0; ///< versions of the resource library that lost their personal part
};

struct VerifyReport {
    std::uint64_t first = 0, last = 0; ///< what was looked at
    std::uint64_t whole = 0;           ///< records with both parts, fitting
    std::uint64_t emptied = 0;         ///< of erased persons, fitting
    std::uint64_t removed = 0;         ///< by retention, their commitment is there
    std::uint64_t condensed = 0;       ///< by retention, only the digest stands for them
    std::uint64_t seals = 0, digests = 0;
    std::optional<std::uint64_t> first_bad;
    std::string fault; ///< what is wrong there
};

struct BackupReport {
    std::string file;
    std::uint64_t head = 0, bytes = 0;
    std::string sha256;
};

struct RetentionReport {
    std::uint64_t database_bytes = 0, free_bytes = 0;
    std::uint64_t bytes_per_day = 0;                   ///< what the log grew by, over the time that it holds; 0: not known yet
    std::optional<std::uint64_t> hours_left;           ///< until the disk is down to its reserve
    std::optional<Time> floor_breaks_at;               ///< when the disk will not hold what must be kept
    std::optional<Time> oldest;                        ///< heard_at of the oldest record
    bool is_clock_in_doubt = false;                    ///< set by a lot just now: nothing is deleted by its time for a day
    std::map<std::string, std::uint64_t> near_ceiling; ///< reader -> records it has not receipted that go within seven days
};

class StoreAdmin {
public:
    virtual ~StoreAdmin() = default;

    /// Empties every record of the subject, destroys their pictures, forgets them in the index, appends subject.erased. `order`: the
    /// document it rests on. When it returns nothing of it is left in database, WAL, index and pictures.
    virtual Task<Result<Erased>> erase_subject(std::string subject, std::string order) = 0;

    /// Recomputes every commitment, seal and signature of what is left.
    virtual Task<Result<VerifyReport>> verify() = 0;

    /// Writes a copy as of some commit during the call to `file` (must not exist) and `file`.json beside it.
    virtual Task<Result<BackupReport>> backup(std::string file) = 0;

    /// A new epoch from the next position on, with gateway.started saying why.
    virtual Task<Result<Head>> renew_epoch(std::string cause) = 0;

    virtual Task<Result<HistoryPage>> history(HistoryQuery query) = 0;
    virtual Task<Result<RetentionReport>> retention_report() = 0;
};

} // namespace gatehouse::store
