// SPDX-License-Identifier: Apache-2.0
//
// A log whose head is damaged cannot be gone on with: what was acknowledged there is not to be believed. It is set aside, kept and named,
// and the gateway goes on in a new file under a new epoch, from the newest good backup or from an empty log with the registry, the
// entitlements, the cursors and the marks that can still be read.
#pragma once

#include "daemon/store/event_log.hpp"

namespace gatehouse::store {

constexpr std::size_t logs_aside_max = 8;    ///< a disk that damages one log after another is for people to look at
constexpr std::size_t backups_tried_max = 3; ///< newest first

struct FreshStart {
    std::string aside;  ///< where the damaged log stands now
    std::string backup; ///< that it goes on from; empty: from none
    std::string epoch, previous_epoch;
    std::uint64_t head = 0;                    ///< what the new log goes on behind
    std::optional<std::uint64_t> lost_through; ///< where the damaged one had got to; none: that cannot be read
};

/// Under the log's lock, with no connection open; `why`: what opening it said. Interrupted anywhere, it is run again (open_store() asks
/// is_fresh_start_unfinished()). Fault::full: logs_aside_max stand aside already. Otherwise the disk's; nothing was acknowledged.
Result<FreshStart> start_afresh(const StoreOptions& options, const SiteKeys& keys, const std::string& why, Time now, Entropy& entropy, Files& files);
bool is_fresh_start_unfinished(const std::string& directory, Files& files);

/// Damaged logs that stand aside in the folder: names, oldest first.
std::vector<std::string> logs_aside(const std::string& directory, Files& files);

} // namespace gatehouse::store
