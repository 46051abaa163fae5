// SPDX-License-Identifier: Apache-2.0
//
// What disk and what line to the platforms the registered devices need for thirty days. Figures are the log's own where it has a day of
// them, else those of the device's kind in a table here; which of both stands beside each. A pure function.
#pragma once

#include "daemon/console/parts.hpp"

#include <map>
#include <set>

namespace gatehouse::console {

constexpr int plan_days = 30;
constexpr std::size_t sampled_records_max = 20'000;
constexpr Duration sample_span_min = std::chrono::hours(24); ///< less says nothing of a day, unless the sample is full
constexpr double busy_hour_share = 0.12;                     ///< of a day's events: two rush hours carry a quarter
constexpr double catch_up_hours = 4;                         ///< in which a day's outage is made good, beside what comes
constexpr double wire_overhead = 1.1;                        ///< TCP, TLS, MQTT
constexpr double disk_headroom = 1.2;

/// What one device brought in the sample.
struct SourceSample {
    std::uint64_t records = 0, pictures = 0, picture_bytes = 0;
};

/// The newest records of the log.
struct LogSample {
    std::map<std::string, SourceSample> by_source;
    std::uint64_t records = 0;
    Duration span{};
    bool is_full = false; ///< sampled_records_max came, the log holds more
    bool says_enough() const;
};

struct PlanInput {
    std::vector<drivers::DeviceInfo> devices;
    LogSample sample;
    PlanSettings settings;
    std::uint64_t log_records = 0, database_bytes = 0; ///< a record's size is their quotient, from a thousand records on
    std::uint64_t free_bytes = 0;
};

struct PlanRow {
    std::string device, driver, model;
    double events_per_day = 0, pictures_per_day = 0, bytes_per_day = 0;
    bool is_measured = false;
};

struct PlanLink {
    std::string upstream;
    double bytes_per_day = 0, mean_kbit_s = 0, busy_kbit_s = 0, catch_up_kbit_s = 0;
    double needed_kbit_s() const { return std::max(busy_kbit_s, catch_up_kbit_s); }
};

struct Plan {
    std::vector<PlanRow> rows;
    double record_bytes = 0, records_total = 0, index_total = 0, pictures_total = 0; ///< bytes in plan_days
    std::uint64_t reserve_bytes = 0, needed_bytes = 0, used_bytes = 0, free_bytes = 0;
    /// What lies in the log already makes room as it goes.
    bool is_enough() const { return needed_bytes <= free_bytes + used_bytes; }
    std::vector<PlanLink> links;
    std::vector<std::pair<std::string, std::string>> assumptions; ///< Chinese, English
};

Plan make_plan(const PlanInput& input);
json::object to_json(const Plan& plan);

} // namespace gatehouse::console
