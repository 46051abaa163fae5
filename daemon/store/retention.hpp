// SPDX-License-Identifier: Apache-2.0
//
// What goes, and when. Each class of kinds has a floor (kept at least) and a ceiling (kept at most), in days of effective time. The
// ceiling wins over everything; before the floor nothing goes; in between a record goes when no reader needs it any more, or when the
// disk is down to its reserve.
#pragma once

#include "daemon/store/clock_marks.hpp"
#include "daemon/store/damage.hpp"
#include "daemon/store/event_log.hpp"
#include "daemon/store/log_writer.hpp"

#include <map>

namespace gatehouse::store {

constexpr int near_ceiling_days = 7;
constexpr int floor_risk_days = 21;
constexpr Duration clock_set_max = std::chrono::hours(1); ///< by which the wall clock may be set and still be ground for deleting
constexpr Duration clock_doubt = std::chrono::hours(24);  ///< how long it is not, when it was set by more
constexpr Duration silence_max = std::chrono::days(30);   ///< since the newest record, at a start; beyond it the clock is in doubt too

/// One row as retention sees it.
struct AgedRow {
    std::uint64_t position = 0;
    Kind kind = Kind::device_event;
    Time at{};
    bool has_pictures = false;
    bool is_damaged = false; ///< set aside; `at` is when it was heard, and not later than the sound row behind it
};

enum class Fate { stays, goes, goes_unread };

class RetentionRules {
public:
    RetentionRules(const std::map<RetentionClass, Kept>& kept, const std::map<std::string, Cursor>& readers, Time now, bool is_at_reserve)
        : kept_(kept), readers_(readers), now_(now), is_at_reserve_(is_at_reserve) {}

    /// goes_unread: some reader still needs it and is passed over.
    Fate fate_of(const AgedRow& row) const;
    /// Goes at its ceiling within seven days, and somebody still needs it.
    bool is_near_ceiling(const AgedRow& row) const;
    std::vector<std::string> needed_by(const AgedRow& row) const;
    /// Rows younger than this need not be looked at.
    Time youngest_of_interest() const;

private:
    Kept kept_for(Kind kind) const;
    int least_ceiling_days() const;
    const std::map<RetentionClass, Kept>& kept_;
    const std::map<std::string, Cursor>& readers_;
    Time now_;
    bool is_at_reserve_;
};

/// What a reader is passed over in one commit.
struct PassedOver {
    std::uint64_t first = 0, last = 0, count = 0;
};

constexpr std::size_t retention_rows_max = 5000;  ///< read at a time
constexpr std::size_t removed_records_max = 1000; ///< in one commit

/// Reads the next rows after `after`; fewer than retention_rows_max: no more. `now` is believed.
Result<std::vector<AgedRow>> read_aged(Connection& connection, Damage& damage, std::uint64_t after, const ClockMarks& marks, Time now);
/// Of a damaged one, the position alone.
Result<std::vector<StoredRecord>> read_records(Connection& connection, Damage& damage, const std::vector<std::uint64_t>& positions);

/// Within begin() and commit(): deletes the records, leaves their commitments, moves the cursors of those passed over as far as nothing
/// is left before them, and appends a gap for each.
Done remove_records(LogWriter& log, const std::vector<StoredRecord>& records, const std::map<std::string, PassedOver>& passed_over,
                    const HashKeys& hashes, Time now, Entropy& entropy);

/// Within begin() and commit(): where a digest's stretch has no record left, its removed and seal rows go; the signed digest stands for
/// them. Answers how many positions were condensed.
Result<std::uint64_t> condense(LogWriter& log);

/// The figures behind hours_left and floor_breaks_at.
Result<RetentionReport> make_report(Connection& connection, const std::map<RetentionClass, Kept>& kept, std::uint64_t database_bytes,
                                    std::uint64_t free_bytes, std::uint64_t reserve_bytes, const ClockMarks& marks, Time now);

} // namespace gatehouse::store
