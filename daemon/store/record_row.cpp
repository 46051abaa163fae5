// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/record_row.hpp"

#include <algorithm>

namespace gatehouse::store {

Result<Prepared> prepare(const Record& record, std::span<const PictureRef> pictures, const HashKeys& keys, Time now, Entropy& entropy) {
    Prepared made;
    if (record.id.empty()) {
        made.id_bytes = make_uuid_v7(now, entropy);
        made.id = to_text(made.id_bytes);
    } else {
        auto given = parse_uuid(record.id);
        if (!given) return std::move(given).error().during("record id");
        made.id_bytes = *given;
        made.id = to_text(*given);
    }
    made.kind = record.kind;
    made.happened_at = record.happened_at;
    made.heard_at = record.heard_at;
    made.clock = record.clock;
    made.clock_offset_us = record.clock_offset_us;
    made.source = record.source;
    made.place = record.place;
    if (record.device_key) {
        made.generation = record.device_key->generation;
        if (const auto* number = std::get_if<std::uint64_t>(&record.device_key->id)) {
            made.device_key = *number;
        } else {
            made.device_key = keyed_hash(keys.device_key, std::get<std::string>(record.device_key->id));
            made.key_is_hashed = true;
        }
        made.sameness = keyed_hash(keys.sameness, record.same_as);
    }
    made.facts = json::serialize(record.facts);
    made.subject = record.subject;
    if (!record.details.empty()) made.details = json::serialize(record.details);
    made.pictures = pictures_text(pictures);
    entropy.fill(made.salt);
    made.personal = personal_commitment(made.salt, made.subject, made.details, made.pictures);
    return made;
}

namespace {

std::optional<std::uint64_t> maybe_unsigned(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return row.unsigned_number(column);
}

Result<Digest> digest_at(const Statement& row, int column) {
    const auto blob = row.blob(column);
    Digest digest{};
    if (blob.size() != digest.size()) return Error(Fault::damaged, "a hash of " + std::to_string(blob.size()) + " bytes");
    std::copy(blob.begin(), blob.end(), digest.begin());
    return digest;
}

Done check_commitments(const StoredRecord& record, const Statement& row) {
    auto personal = digest_at(row, 16);
    if (!personal) return std::move(personal).error();
    if (!record.erased) {
        const auto blob = row.blob(21);
        Salt salt{};
        if (blob.size() != salt.size()) return Error(Fault::damaged, "a salt of " + std::to_string(blob.size()) + " bytes");
        std::copy(blob.begin(), blob.end(), salt.begin());
        if (personal_commitment(salt, record.subject, record.details, row.text(20)) != *personal)
            return Error(Fault::damaged, "the personal part does not fit its commitment");
    }
    FrameView frame;
    frame.position = record.position;
    frame.epoch = record.epoch;
    frame.id = record.id;
    frame.kind = row.text(3);
    if (record.happened_at) frame.happened_at_us = to_us(*record.happened_at);
    frame.heard_at_us = to_us(record.heard_at);
    frame.clock = name_of(record.clock);
    frame.clock_offset_us = record.clock_offset_us;
    frame.compound = record.compound;
    frame.source = record.source;
    frame.place = record.place;
    frame.device_key = record.device_key;
    frame.generation = record.generation;
    frame.sameness = record.sameness;
    frame.conflicts_with = record.conflicts_with;
    frame.facts = record.facts;
    if (commitment(frame, *personal) != record.commitment) return Error(Fault::damaged, "the frame does not fit its commitment");
    return {};
}

Result<StoredRecord> unchecked_row(const Statement& row) {
    StoredRecord record;
    record.position = row.unsigned_number(0);
    record.epoch = row.string(1);
    Uuid id{};
    const auto id_bytes = row.blob(2);
    if (id_bytes.size() != id.size()) return Error(Fault::damaged, "an id of " + std::to_string(id_bytes.size()) + " bytes");
    std::copy(id_bytes.begin(), id_bytes.end(), id.begin());
    record.id = to_text(id);
    const auto kind = kind_named(row.text(3));
    if (!kind) return Error(Fault::damaged, "a kind that this version does not know: " + row.string(3));
    record.kind = *kind;
    if (!row.is_null(4)) record.happened_at = from_us(row.number(4));
    record.heard_at = from_us(row.number(5));
    const auto clock = row.number(6);
    if (clock < 0 || clock > static_cast<int>(ClockState::skewed)) return Error(Fault::damaged, "a clock state of " + std::to_string(clock));
    record.clock = static_cast<ClockState>(clock);
    record.clock_offset_us = row.number(7);
    record.compound = row.string(8);
    record.source = row.string(9);
    record.place = row.string(10);
    record.device_key = maybe_unsigned(row, 11);
    record.generation = static_cast<std::uint32_t>(row.number(12));
    record.sameness = maybe_unsigned(row, 13);
    record.conflicts_with = maybe_unsigned(row, 14);
    record.facts = row.string(15);
    auto commitment = digest_at(row, 17);
    if (!commitment) return std::move(commitment).error();
    record.commitment = *commitment;
    record.erased = row.is_null(21);
    record.subject = row.string(18);
    record.details = row.string(19);
    auto pictures = parse_pictures(row.text(20));
    if (!pictures) return std::move(pictures).error();
    record.pictures = std::move(*pictures);
    return record;
}

} // namespace

Result<StoredRecord> read_row(const Statement& row) {
    const auto where = "record " + std::to_string(row.unsigned_number(0));
    auto record = unchecked_row(row);
    if (!record) return std::move(record).error().during(where);
    if (auto fits = check_commitments(*record, row); !fits) return std::move(fits).error().during(where);
    return record;
}

Time effective_time(const StoredRecord& record) {
    if (!record.happened_at || record.clock == ClockState::unsynced) return record.heard_at;
    if (record.clock == ClockState::skewed) return *record.happened_at - std::chrono::microseconds(record.clock_offset_us);
    return *record.happened_at;
}

} // namespace gatehouse::store
