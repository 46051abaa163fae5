// SPDX-License-Identifier: Apache-2.0
//
// The one connection that writes the log. Lives on the writer's thread (before the loop runs: on the opener's); every call blocks. A
// group is begin(), any number of changes, commit(); what commit() has answered well is on disk. After an Error of commit(), or of a
// change for which is_disk_fault() holds, the group is lost: close(), then open() again before anything else (S14).
#pragma once

#include "daemon/store/damage.hpp"
#include "daemon/store/files.hpp"
#include "daemon/store/record_row.hpp"
#include "daemon/store/sqlite.hpp"

#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

namespace gatehouse::store {

/// What the history index knows of events older than the writer's memory.
class OlderKeys {
public:
    virtual ~OlderKeys() = default;
    /// Everything up to here is indexed. Any thread.
    virtual std::uint64_t indexed() const = 0;
    /// Positions that may hold the event of this hash. Writer's thread.
    virtual Result<std::vector<std::uint64_t>> positions_of(std::uint64_t event_hash) = 0;
};

/// The keyed hash of (source, generation, device key).
std::uint64_t event_hash(const Key& key, std::string_view source, std::uint32_t generation, std::uint64_t device_key);

/// Of the disk, not of the value: nothing may be acknowledged until the log was opened anew.
bool is_disk_fault(const Error& error);

struct SignedDigest {
    std::uint64_t first = 0, last = 0;
    std::string epoch;
    Digest seal{}, previous{};
    std::string at;
    PublicKey key{};
    Signature signature{};
};

struct CopyState {
    bool is_over = false;
    std::optional<Error> failed;
};

class LogWriter {
public:
    struct Options {
        std::string directory, vfs, compound;
        MachineIdentity machine;
    };
    LogWriter(Options options, const SiteKeys& keys, Files& files, Entropy& entropy, Damage& damage);

    /// From file to ready: migrate, make the WAL exist and its folder entry durable, truncating checkpoint, head read back and compared
    /// with what was acknowledged before, memory of keys rebuilt. `now` dates the first epoch.
    Done open(Time now);
    void close();
    bool is_open() const { return connection_.is_open(); }
    void set_older_keys(OlderKeys* older) { older_ = older; }

    /// Whether the clock can be believed, from now on: our own records say so (those of devices know it themselves).
    void say_clock(ClockQuality quality) { clock_quality_ = quality; }

    Done begin();
    Result<Appended> append(const Prepared& record, const std::optional<SourceMark>& mark);
    Done commit();
    void roll_back();

    /// Within begin() and commit(): the epoch of records from the next position on. `now` makes its UUID.
    Done begin_epoch(Time now, std::string_view cause);
    /// Within begin() and commit(): states the committed head. None: nothing new since the last one.
    Result<std::optional<Prepared>> make_digest(Time now);

    const Head& head() const { return head_; } ///< committed
    /// When the head was heard, as found at the last open(); none: no record, or retention has it.
    std::optional<Time> newest_heard_at() const { return newest_heard_at_; }
    std::uint64_t next_position() const { return next_; } ///< the one that the next append gets
    const std::string& epoch() const { return epoch_; }   ///< of the next append
    std::uint64_t repeats() const { return repeats_; }
    std::uint64_t conflicts() const { return conflicts_; }
    std::uint64_t commits() const { return commits_; }
    std::string path() const { return options_.directory + "/gatehouse.db"; }
    Connection& connection() { return connection_; }
    /// The machine or the file system is another than at the last opening (S2). True once.
    std::optional<std::string> take_new_epoch_cause() { return std::exchange(new_epoch_cause_, std::nullopt); }

    /// After a commit, when the WAL has grown or was asked to go: moves pages into the database. Its failure is a disk fault.
    Done checkpoint_if_due();
    /// What was overwritten shall be gone from the WAL too: after the next commits, until no reader is in the way.
    void ask_truncation() { wants_truncation_ = true; }
    bool wants_truncation() const { return wants_truncation_; }

    /// A copy of the log into `path`, begun and carried on by step_copy() between groups.
    void ask_copy(std::string path) { copy_asked_ = std::move(path); }
    /// Some pages more. Whatever the outcome, it is answered by take_copy_state() in the end.
    void step_copy();
    CopyState take_copy_state() { return std::exchange(copy_state_, CopyState()); }

private:
    struct Seen {
        std::optional<std::uint64_t> same;  ///< stored already
        std::optional<std::uint64_t> other; ///< the first one with this key and another sameness
    };
    Done open_connection();
    Done make_first_rows(Time now);
    Done make_wal_durable();
    Done verify_head();
    Done load_damage();
    Done load_keys();
    Result<Seen> find_event(const Prepared& record);
    Done weigh(const std::vector<std::uint64_t>& candidates, const Prepared& record, Seen& seen);
    void note_mark(const std::string& source, const SourceMark& mark);
    void remember(const Prepared& record, std::uint64_t position);
    void forget_indexed();
    Done insert(const Prepared& record, std::uint64_t position, std::optional<std::uint64_t> conflicts, Digest& made);
    Done write_seal(Digest& made);
    Done write_marks();
    Done write_highest();
    std::uint64_t* highest_of(std::string_view source, std::uint32_t generation);

    Options options_;
    HashKeys hashes_;
    SigningKey signing_;
    Files& files_;
    Entropy& entropy_;
    Damage& damage_;
    OlderKeys* older_ = nullptr;

    Connection connection_;
    Head head_;
    bool acknowledged_ = false; ///< head_ was told to somebody: the file must have it
    Digest head_commitment_{};
    std::optional<Time> newest_heard_at_;
    ClockQuality clock_quality_ = ClockQuality::synced;
    std::int64_t epoch_number_ = 0;
    std::string epoch_;
    std::uint64_t epoch_first_ = 1;
    std::optional<std::string> new_epoch_cause_;

    // The group in work.
    std::uint64_t next_ = 1;
    std::vector<Digest> commitments_;
    std::map<std::string, SourceMark, std::less<>> marks_;

    // Memory of device keys: the highest of each source and generation over the whole log, and every event above recent_from_.
    struct Highest {
        std::uint32_t generation;
        std::uint64_t key;
        bool is_dirty;
    };
    std::map<std::string, std::vector<Highest>, std::less<>> highest_;
    std::uint64_t highest_as_of_ = 0;
    std::unordered_multimap<std::uint64_t, std::uint64_t> recent_;     ///< event hash -> position
    std::deque<std::pair<std::uint64_t, std::uint64_t>> recent_order_; ///< position, event hash
    std::uint64_t recent_from_ = 0;

    bool wants_truncation_ = false;
    std::optional<std::string> copy_asked_;
    std::optional<OnlineCopy> copy_;
    CopyState copy_state_;

    std::uint64_t repeats_ = 0, conflicts_ = 0, commits_ = 0;
};

} // namespace gatehouse::store
