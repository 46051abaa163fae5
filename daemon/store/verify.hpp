// SPDX-License-Identifier: Apache-2.0
//
// The proof: every commitment that is left, every seal over them, every signed digest over the seals. In slices, so that no connection
// is held long; the log goes on growing meanwhile and is looked at up to where its head was at the beginning.
#pragma once

#include "daemon/store/admin.hpp"
#include "daemon/store/damage.hpp"
#include "daemon/store/sqlite.hpp"

#include <set>

namespace gatehouse::store {

class Verification {
public:
    /// `through`: the head. `key`: what digests must be signed with. `damage`: what was set aside is a finding also where the disk is silent.
    Verification(std::uint64_t through, const PublicKey& key, const Damage* damage = nullptr) : through_(through), key_(key), damage_(damage) {
        report_.last = through;
    }

    /// True: done. An Error is the reading's, not the log's: a bad row is a finding.
    Result<bool> step(Connection& connection);
    const VerifyReport& report() const { return report_; }

private:
    Done begin(Connection& connection);
    Done check_digests(Connection& connection);
    Done check_seal(Connection& connection, std::uint64_t first, std::uint64_t last, const Digest& sealed);
    Done end(Connection& connection);
    void found_bad(std::uint64_t position, std::string fault);
    Result<std::optional<Digest>> removed_commitment(Connection& connection, std::uint64_t position);

    std::uint64_t through_;
    PublicKey key_;
    const Damage* damage_;
    VerifyReport report_;
    bool has_begun_ = false;
    std::uint64_t at_ = 0; ///< everything up to here is looked at
    Digest previous_{};
    std::map<std::uint64_t, Digest> digests_; ///< last -> seal that it states
    std::set<std::uint64_t> emptied_;         ///< that no subject.erased has named yet
};

} // namespace gatehouse::store
