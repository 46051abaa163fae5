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

std::string_view name_of(Finding::Severity severity);
json::object to_json(const Finding& finding);

/// Always one; `fine` when nothing is wrong.
Finding diagnose(const registry::Device& device, const drivers::DeviceStatus& status);
/// One for each thing that is wrong; one that is `fine` when nothing is.
std::vector<Finding> diagnose(const sync::UpstreamStatus& status, Time now);
std::vector<Finding> diagnose(const store::StoreStatus& status, const std::optional<store::RetentionReport>& retention);

/// Everything, worst first.
Task<std::vector<Finding>> check_all(Parts& parts);

} // namespace gatehouse::console::inside
