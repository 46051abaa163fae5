// SPDX-License-Identifier: Apache-2.0
//
// Rows of the log that cannot be read any more, or are not what was written, and how readers get past them. A reader that meets one notes
// it here and ends with Fault::damaged; EventLog sets it aside in a commit of its own (a gap record, an alarm, the note below), and from
// then on every Walk passes over it. A disk that does not answer (Fault::unreachable) is waited for instead; only what alone stays silent,
// while the rest of the log is read and written, counts as damaged after a while.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/store/record_row.hpp"

#include <functional>
#include <map>
#include <mutex>

namespace gatehouse::store {

constexpr std::size_t damaged_ranges_max = 500;                ///< told apart; beyond it a new one is joined with the nearest
constexpr std::uint64_t probed_rows_max = 64;                  ///< one by one behind an unreadable page; then in steps that double
constexpr std::uint64_t hole_positions_max = 20'000;           ///< of a longer hole its end is held against what retention left
constexpr Duration unanswered_wait = std::chrono::seconds(10); ///< before what alone does not answer counts as damaged

/// Under which the log notes what was set aside: it goes with every copy of the log, and comes back with it.
const std::string damage_note = "log.damaged";

/// Positions, both ends in.
struct DamagedRange {
    std::uint64_t first = 0, last = 0;
    std::string why;
    std::uint64_t positions() const { return last - first + 1; }
};

/// Shared by all readers of one log. Thread-safe.
class Damage {
public:
    explicit Damage(std::function<Instant()> steady_now) : steady_now_(std::move(steady_now)) {}

    /// What was set aside, as the log's note has it. A text that is none of ours: Fault::damaged, and nothing changes.
    Done load(std::string_view text);
    void replace(std::vector<DamagedRange> ranges);
    std::vector<DamagedRange> ranges() const;

    /// The range that holds `position`.
    std::optional<DamagedRange> holding(std::uint64_t position) const;
    /// The nearest range with a position > after; and with one < before.
    std::optional<DamagedRange> next_behind(std::uint64_t after) const;
    std::optional<DamagedRange> next_before(std::uint64_t before) const;

    /// Met by a reader, not told yet.
    void meet(DamagedRange range);
    std::vector<DamagedRange> take_met();
    bool has_met() const;

    /// Whether a failure to read the row behind (or before) `edge` is damage: at once where the bytes are wrong; where the disk does not
    /// answer, when it has not for unanswered_wait.
    bool is_damage(const Error& error, std::uint64_t edge);

private:
    std::optional<DamagedRange> holding_unlocked(std::uint64_t position) const;
    std::function<Instant()> steady_now_;
    mutable std::mutex mutex_;
    std::map<std::uint64_t, DamagedRange> ranges_; ///< by last
    std::vector<DamagedRange> met_;
    std::map<std::uint64_t, Instant> unanswered_; ///< edge -> since when
};

/// As it stands in the note, at most 64 KiB for damaged_ranges_max.
std::string damage_text(const std::vector<DamagedRange>& ranges);
Result<std::vector<DamagedRange>> parse_damage(std::string_view text);

/// What `met` adds to `known`; both ordered and apart. `all`: both together, joined to at most damaged_ranges_max, each joining being new too.
struct Joined {
    std::vector<DamagedRange> all, added;
};
Joined join_damage(std::vector<DamagedRange> known, const std::vector<DamagedRange>& met);

/// Retention took all of these; what is missing otherwise is missing without a trace.
Result<bool> is_accounted(Connection& connection, std::uint64_t first, std::uint64_t last);

/// The rows of `record` by position, in front of, between and behind what was set aside.
class Walk {
public:
    enum class Way { up, down };
    struct Options {
        Way way = Way::up;
        /// A hole that retention did not leave is damage too.
        bool tells_holes = false;
        /// Passes over what it meets, once noted, instead of ending: for what loses nothing by it.
        bool goes_on = false;
        /// Binds further values, from place 3 on.
        std::function<void(Statement&)> bind_more = {};
    };
    /// `sql` is a literal: "select position, … where position >= ? and position <= ? … order by position" (down: "… desc"): with ">" SQLite would
    /// look at the page before.
    Walk(Connection& connection, Damage& damage, std::string_view sql, std::uint64_t after, std::uint64_t before, Options options);
    Walk(Connection& connection, Damage& damage, std::string_view sql, std::uint64_t after)
        : Walk(connection, damage, sql, after, INT64_MAX, Options()) {}

    /// True: a row stands ready. Fault::damaged: met, and noted.
    Result<bool> next();
    Statement& row() { return **statement_; }
    std::uint64_t position() const { return position_; }
    /// The row that stands ready is not what was written: noted. The error as it came.
    Error is_bad(Error why);

private:
    Done begin_stretch();
    bool pass_over();
    Result<bool> meet_at_edge(Error error);
    Done look_at_hole(std::uint64_t next);
    Connection& connection_;
    Damage& damage_;
    std::string_view sql_;
    std::uint64_t after_, before_; ///< exclusive; what is left to go through lies between
    Options options_;
    std::uint64_t position_ = 0;
    std::uint64_t edge_ = 0; ///< where the stretch ends, exclusive
    std::optional<Use> statement_;
};

/// The unreadable rows behind `edge` (before it, going down), found by probing: one by one, then in steps that double. Fault::unreachable:
/// all of them up to the end, so that it is no single damage.
Result<DamagedRange> find_damage(Connection& connection, std::uint64_t edge, Walk::Way way, const std::string& why);

} // namespace gatehouse::store
