// SPDX-License-Identifier: Apache-2.0
//
// A record between Record (as parts make it), Prepared (ready for the writer: everything but its place in the log) and its row.
#pragma once

#include "daemon/base/uuid.hpp"
#include "daemon/store/commitment.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse::store {

/// The keyed hashes that stand in the log and its index, one key a purpose, so that equal texts of two purposes do not join.
struct HashKeys {
    explicit HashKeys(const Key& root)
        : device_key(derive_key(root, "device key")), sameness(derive_key(root, "sameness")), subject(derive_key(root, "subject")),
          look(derive_key(root, "look-alike subject")), other(derive_key(root, "index")) {}
    Key device_key, sameness, subject, look, other;
};

struct Prepared {
    std::string id;
    Uuid id_bytes{};
    Kind kind = Kind::device_event;
    std::optional<Time> happened_at;
    Time heard_at{};
    ClockState clock = ClockState::synced;
    std::int64_t clock_offset_us = 0;
    std::string source, place;
    std::optional<std::uint64_t> device_key;
    bool key_is_hashed = false; ///< a hashed key says nothing about order
    std::uint32_t generation = 0;
    std::optional<std::uint64_t> sameness;
    std::string facts, subject, details, pictures;
    Salt salt{};
    Digest personal{};
    std::size_t bytes() const { return facts.size() + subject.size() + details.size() + pictures.size() + source.size() + place.size() + 256; }
};

/// `record` has passed check_record(). Fault::malformed: a given id that is no UUID.
Result<Prepared> prepare(const Record& record, std::span<const PictureRef> pictures, const HashKeys& keys, Time now, Entropy& entropy);

/// What read_row() wants, in its order. A left join: a row whose epoch is damaged must not vanish in silence.
#define GATEHOUSE_RECORD_COLUMNS                                                                                                           \
    "r.position, e.id, r.id, r.kind, r.happened_at, r.heard_at, r.clock, r.clock_offset_us, r.compound, r.source, r.place, r.device_key, " \
    "r.generation, r.sameness, r.conflicts_with, r.facts, r.personal_commitment, r.commitment, r.subject, r.details, r.pictures, r.salt"
#define GATEHOUSE_SELECT_RECORD "select " GATEHOUSE_RECORD_COLUMNS " from record r left join epoch e on e.number = r.epoch "

/// Recomputes both commitments: a row that does not fit them is Fault::damaged, never served.
Result<StoredRecord> read_row(const Statement& row);

/// The time that binds a record to registry versions and counts for retention: the device's, corrected, where it can be believed.
Time effective_time(const StoredRecord& record);

} // namespace gatehouse::store
