// SPDX-License-Identifier: Apache-2.0
//
// From figures to plain words, in Chinese and English: what is wrong, where, and what to do about it.
#pragma once

#include "daemon/console/parts.hpp"

namespace gatehouse::console::inside {

constexpr std::int64_t clock_offset_ms_max = 30'000;
constexpr std::chrono::minutes receipts_wait_max{10};
constexpr std::uint64_t disk_hours_low = 72;
constexpr std::uint64_t disk_hours_min = 24;
constexpr std::size_t packet_bytes_low = 64 * 1024;     ///< a Maximum Packet Size below this holds no picture of a camera
constexpr std::chrono::hours backup_age_max{72};        ///< three nights without a copy
constexpr std::string_view backup_note = "backup.last"; ///< the store's note of when the last backup was made

std::string_view name_of(Finding::Severity severity);
json::object to_json(const Finding& finding);

/// One for each thing that is wrong; one that is `fine` when nothing is.
std::vector<Finding> diagnose(const registry::Device& device, const drivers::DeviceStatus& status);
/// One for each device that has another one's address; of the two the later by id.
std::vector<Finding> same_addresses(const std::map<std::string, registry::Device>& devices);
std::vector<Finding> diagnose(const sync::UpstreamStatus& status, Time now);
std::vector<Finding> diagnose(const store::StoreStatus& status, const std::optional<store::RetentionReport>& retention);
/// `last`: when the last backup was made; `oldest`: since when there is something to lose.
std::vector<Finding> diagnose_backup(std::optional<Time> last, std::optional<Time> oldest, Time now);

/// Everything, worst first.
Task<std::vector<Finding>> check_all(Parts& parts);

} // namespace gatehouse::console::inside
