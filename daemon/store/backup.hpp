// SPDX-License-Identifier: Apache-2.0
//
// A backup is a copy of gatehouse.db and a manifest, `<file>.json`: gateway epoch, head, seal, SHA-256, fingerprints of the site's keys.
// Pictures are files of their own and are copied as files; the history index is in no backup; the site's keys are kept elsewhere.
#pragma once

#include "daemon/store/event_log.hpp"

namespace gatehouse::store {

struct Manifest {
    std::string epoch;
    std::uint64_t head = 0;
    std::string seal;   ///< hex
    std::string sha256; ///< hex, of the file
    std::uint64_t bytes = 0;
    std::string compound, hash_key, signing_key; ///< fingerprints of keys
    std::string at;
};
std::string manifest_text(const Manifest& manifest);
Result<Manifest> parse_manifest(std::string_view text);

struct Restored {
    std::string epoch, previous_epoch;
    std::uint64_t head = 0;                    ///< of the backup
    std::optional<std::uint64_t> lost_through; ///< where the replaced log had got to; none: it could not be read
    std::uint64_t erased_again = 0;            ///< records emptied again
};

/// On a stopped store: puts the backup in the log's place. New epoch, gateway.started, gap, erasures again (S15). What was there is set
/// aside as gatehouse.db.before-restore. Interrupted, it is run again; open_store() refuses until then. Fault::damaged: the backup is not
/// what its manifest says, or its head does not verify; nothing was touched. Fault::refused: it is another site's.
Result<Restored> restore_store(const StoreOptions& options, const SiteKeys& keys, const std::string& backup_file, Time now, Entropy& entropy,
                               Files& files);

/// open_store() asks: a restore was begun and not ended.
bool is_restore_unfinished(const std::string& directory, Files& files);

} // namespace gatehouse::store
