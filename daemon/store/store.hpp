// SPDX-License-Identifier: Apache-2.0
//
// The event log as the rest of the daemon sees it: append (through RecordSink), read after a position, cursors, entitlements, dead
// letters, pictures. Contracts and numbered invariants: README.md of this folder. All calls are made on the loop; SQLite runs on the
// executors handed in (one writer thread, one index thread, the pool); values cross by copy.
#pragma once

#include "daemon/base/crypto.hpp"
#include "daemon/base/entropy.hpp"
#include "daemon/base/task.hpp"
#include "daemon/record/sink.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::store {

/// What belongs to this site for ever: made at the first start, kept beside the database with mode 0600 (or a systemd credential), in
/// every backup's manifest only as fingerprints. Losing it makes pictures and encrypted fields unreadable and starts a new signing key.
struct SiteKeys {
    Key hash{};    ///< keyed hashes: device keys, sameness, subjects
    Key picture{}; ///< wraps the day keys of pictures
    Key field{};   ///< encrypted fields of the registry
    Key signing_seed{};
    SigningKey signing() const { return SigningKey(signing_seed); }
};

struct PictureRef {
    PictureRole role = PictureRole::scene;
    Digest sha256{};
    std::uint64_t bytes = 0;
};

/// A record as it lies in the log. Values only; erased: subject, details and pictures are empty for good.
struct StoredRecord {
    std::uint64_t position = 0;
    std::string epoch;
    std::string id;
    Kind kind = Kind::device_event;
    std::optional<Time> happened_at;
    Time heard_at{};
    ClockState clock = ClockState::synced;
    std::int64_t clock_offset_us = 0;
    std::string compound, source, place;
    std::optional<std::uint64_t> device_key;
    std::uint32_t generation = 0;
    std::optional<std::uint64_t> sameness;
    std::optional<std::uint64_t> conflicts_with;
    std::string facts; ///< JSON object, verbatim as committed
    bool erased = false;
    std::string subject;
    std::string details; ///< JSON object, verbatim; empty when erased
    std::vector<PictureRef> pictures;
    Digest commitment{};
};

struct Head {
    std::uint64_t position = 0; ///< of the last committed record; 0: none
    std::string epoch;
    std::uint64_t epoch_first = 1; ///< the first position of the present epoch
    Digest seal{};
};

/// A reader's place. `settled`: all up to here is receipted, dead-lettered or not of this lane. `member`: the lane's last position up to
/// there. settled >= member. Neither ever goes back (a trigger sees to it).
struct Cursor {
    std::uint64_t settled = 0;
    std::uint64_t member = 0;
};

/// What an upstream is entitled to, from a position on. Rows are never changed; the newest one with from_position <= p is in force at p.
struct EntitlementVersion {
    std::uint32_t version = 0;
    std::uint64_t from_position = 1;
    std::string rules; ///< JSON, written and read by sync/entitlement.hpp alone
};

/// A versioned row of the registry (daemon/registry gives it meaning). Nothing is overwritten: a new version closes the old one.
struct RegistryRow {
    std::string row_class; ///< "place", "device"
    std::string id;
    std::uint32_t version = 0;
    std::uint64_t from_position = 0;             ///< of the registry.changed record of this version
    std::optional<std::uint64_t> until_position; ///< of the next version's, or of the removal's; none: in force
    std::string body;                            ///< JSON object
};

struct DeadLetter {
    std::string reader;
    std::uint64_t position = 0;
    std::string reason;
    Time at{};
};

enum class DiskState { sound, suspect, failed };

struct StoreStatus {
    DiskState disk = DiskState::sound;
    std::string fault; ///< in plain words, while not sound
    std::uint64_t records = 0, oldest_position = 0, database_bytes = 0, free_bytes = 0, waiting_records = 0, waiting_bytes = 0, commits = 0,
                  repeats = 0, conflicts = 0, refused = 0;
    std::uint64_t damaged = 0;           ///< positions set aside: their rows cannot be read, or are not what was written
    std::uint64_t first_damaged = 0;     ///< the first of them; 0: none
    std::vector<std::string> logs_aside; ///< files of logs that were damaged at their head
};

class Store : public RecordSink {
public:
    ~Store() override = default;

    // Log.
    virtual Head head() const = 0;
    /// Up to records_max records with position > after, in order, at most bytes_max together (at least one). Positions that retention
    /// removed are skipped, and so are damaged ones, once a gap record that names them is durable. Fault::unreachable: the disk does not
    /// answer; later it will.
    virtual Task<Result<std::vector<StoredRecord>>> read_after(std::uint64_t after, std::size_t records_max, std::size_t bytes_max) = 0;
    /// Fault::damaged: its row cannot be read, or is not what was written.
    virtual Task<Result<std::optional<StoredRecord>>> read_at(std::uint64_t position) = 0;
    /// A position between the two (both ends out) was set aside as damaged.
    virtual bool is_damaged_between(std::uint64_t after, std::uint64_t before) const = 0;
    /// Returns when head().position > position.
    virtual Task<void> until_beyond(std::uint64_t position) = 0;
    /// First and last position of an epoch; none: never ours.
    virtual Task<Result<std::optional<std::pair<std::uint64_t, std::uint64_t>>>> epoch_span(std::string epoch) = 0;

    // Readers. Names: "upstream/<name>/<lane>", "incident", ...
    virtual Task<Result<std::optional<Cursor>>> cursor(std::string reader) = 0;
    /// Creates or moves forward, durable when it returns. Backwards: our mistake.
    virtual Task<Done> move_cursor(std::string reader, Cursor to) = 0;
    /// One that left the settings: holds nothing back any more; its row stays, marked.
    virtual Task<Done> retire_reader(std::string reader) = 0;
    virtual Task<Result<std::map<std::string, Cursor>>> cursors() = 0;

    // Entitlements and dead letters.
    virtual Task<Result<std::vector<EntitlementVersion>>> entitlements(std::string upstream) = 0;
    /// Appends a version in force from the next position on, with an upstream.changed record, in one commit; answers it.
    virtual Task<Result<EntitlementVersion>> add_entitlement(std::string upstream, std::string rules) = 0;
    virtual Task<Done> add_dead_letter(DeadLetter letter) = 0;
    virtual Task<Result<std::vector<DeadLetter>>> dead_letters(std::string reader, std::size_t letters_max) = 0;
    /// A small durable value of a part (at most 64 KiB), e.g. the state of a lane's digest. Empty: none.
    virtual Task<Result<std::string>> note(std::string key) = 0;
    virtual Task<Done> set_note(std::string key, std::string value) = 0;

    // Registry. Each change appends `record` (registry.changed, made by daemon/registry) in the same commit.
    virtual Task<Result<RegistryRow>> put_registry_row(std::string row_class, std::string id, std::string body, Record record) = 0;
    /// Closes the row in force. Fault::gone: there is none.
    virtual Task<Done> close_registry_row(std::string row_class, std::string id, Record record) = 0;
    /// The rows in force at `as_of` (none: now), ordered by id.
    virtual Task<Result<std::vector<RegistryRow>>> registry_rows(std::string row_class, std::optional<std::uint64_t> as_of) = 0;

    // Pictures.
    /// Fault::gone: erased, expired or never there.
    virtual Task<Result<Bytes>> read_picture(Digest sha256) = 0;

    virtual StoreStatus status() const = 0;

    /// Retention, hourly digests, index, checkpoints. Ends by cancellation, after what was handed over is durable.
    virtual Task<void> run() = 0;
};

} // namespace gatehouse::store
