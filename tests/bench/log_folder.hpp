// SPDX-License-Identifier: Apache-2.0
//
// A real log on this machine's disk, with the executors that the daemon gives it.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/store/event_log.hpp"

#include <filesystem>
#include <functional>

namespace gatehouse::bench {

class LogFolder {
public:
    /// Opens the log in `folder`, made when missing; throws std::runtime_error where it can't.
    explicit LogFolder(const std::filesystem::path& folder);
    ~LogFolder();
    LogFolder(const LogFolder&) = delete;
    LogFolder& operator=(const LogFolder&) = delete;

    store::EventLog& log() { return *store_; }
    Clock& clock() { return clock_; }
    /// Runs `work` to its end, with the store's own work (index, checkpoints) beside it, as in the daemon. Once in its life.
    void run(Task<void> work);

private:
    Task<void> live(Task<void> work);

    Loop loop_;
    RealClock clock_{loop_};
    SystemEntropy entropy_;
    store::SystemFiles files_;
    Threads writer_{"store", 1};
    Threads indexer_{"index", 1};
    Threads pool_{"pool", 4};
    std::unique_ptr<store::EventLog> store_;
};

/// Sources of a compound: "device-01" … "device-64".
constexpr std::size_t sources = 64;
std::string source_named(std::size_t number);

/// A plausible event, about 400 bytes in the log: persons at doors and cars at gates, from `number` alone; the key is the number itself.
/// 5,000 cards and 2,000 plates.
Record plausible(std::uint64_t number, std::size_t source, Time at);
std::string plausible_card(std::uint64_t number);
std::string plausible_plate(std::uint64_t number);
constexpr std::uint64_t cards = 5000, plates = 2000;

/// Appends `count` records from all sources, `in_flight` of each at a time, keys from `first` on. `took`: seconds.
Task<void> append(LogFolder& folder, std::uint64_t first, std::uint64_t count, std::size_t in_flight, double& took);

/// The log in `folder` has at least `records` afterwards, and the history index all of them. A log that is there already is gone on with.
void fill(const std::filesystem::path& folder, std::uint64_t records);

/// Now, in seconds of a monotonic clock.
double seconds_now();

} // namespace gatehouse::bench
