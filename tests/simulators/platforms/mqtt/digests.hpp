// SPDX-License-Identifier: Apache-2.0
//
// Signed digests (sync/README.md W10, daemon/store/README.md S7): recomputed from what arrived, signatures checked with libsodium.
#pragma once

#include "tests/simulators/platforms/mqtt/ledger_lane.hpp"

namespace gatehouse::simulators::platform {

enum class Verdict { pending, ok, bad, unverifiable, bad_signature };
std::string_view name_of(Verdict verdict);

/// `pending` while fewer events of the range have arrived than it counts. `key`: the pinned public key, base64.
Verdict judge_lane_digest(const boost::json::object& facts, const LedgerLane& lane, const std::string& key);

/// The gateway's own hourly digest.
bool is_signed_head(const boost::json::object& facts, const std::string& key);

bool is_signature_of(const std::string& text, const std::string& signature_base64, const std::string& key_base64);

} // namespace gatehouse::simulators::platform
