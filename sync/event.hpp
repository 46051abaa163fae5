// SPDX-License-Identifier: Apache-2.0
//
// A stored record as an upstream sees it: whether it is a member of a lane (README.md, W6), and its CloudEvents JSON (W4), byte for byte
// the same whenever it is asked for (W8).
#pragma once

#include "daemon/store/store.hpp"
#include "sync/entitlement.hpp"

#include <string>

namespace gatehouse::sync {

/// By the version in force at the record's position, for ever. For the pictures lane an erased record counts as one that had pictures:
/// the log cannot tell any more, and an empty message closes the chain for a receiver that waits for it.
bool is_member(const store::StoredRecord& record, Lane lane, const Entitlements& entitlements);

/// The indexes of record.pictures that belong to the lane (named by the version in force at its position).
std::vector<std::size_t> pictures_of(const store::StoredRecord& record, const Entitlements& entitlements);
/// Whether this one may leave today.
bool may_go(const store::StoredRecord& record, const store::PictureRef& picture, const Entitlements& entitlements, Time now);

struct EventText {
    std::string json;
    bool revised = false;
};

/// Urgent and routine lanes. `previous`: the member before it in this lane, 0 for the first; `behind_damage`: a position between the two was
/// set aside as damaged, so that `previous` may not be the one that it was.
EventText to_event(const store::StoredRecord& record, const std::string& gateway, std::uint64_t previous, const Entitlements& entitlements, Time now,
                   bool behind_damage = false);

/// W13: what could not be stored, under its own id, without sequence and previous; fields as today's version has them.
std::string to_volatile_event(const Record& record, const std::string& gateway, const std::string& compound, const std::string& epoch,
                              const Entitlements& entitlements, Time now);

/// 20 digits, zero-padded.
std::string sequence_text(std::uint64_t position);

} // namespace gatehouse::sync
