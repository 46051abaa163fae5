// SPDX-License-Identifier: Apache-2.0
//
// What a restore and a fresh start have in common. Blocking, on a stopped log, under its lock.
#pragma once

#include "daemon/store/backup.hpp"
#include "daemon/store/damage.hpp"
#include "daemon/store/log_writer.hpp"

namespace gatehouse::store {

/// Where the log in this file had got to, as far as it can be read.
std::optional<std::uint64_t> head_of(const std::string& path, const std::string& vfs);

/// That it is this site's, and what its manifest says.
Result<Manifest> check_backup(const SiteKeys& keys, const std::string& file, Files& files);

/// Within begin() and commit().
Done append_gateway_record(LogWriter& log, Kind kind, json::object facts, const HashKeys& hashes, Time now, Entropy& entropy);

/// A commit: the new epoch behind the log's head, gateway.started and a gap for what the one before had beyond it, both with this cause;
/// `alarm`: and an alarm with these facts, where there are any.
Done begin_restored_epoch(LogWriter& log, Restored& restored, const std::string& cause, json::object alarm, const HashKeys& hashes, Time now,
                          Entropy& entropy);

/// What was erased since the backup was made is erased again.
Done repeat_erasures(LogWriter& log, Restored& restored, const SiteKeys& keys, const HashKeys& hashes, Time now, Entropy& entropy, Files& files,
                     const std::string& directory, Damage& damage);

} // namespace gatehouse::store
