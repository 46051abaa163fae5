// SPDX-License-Identifier: Apache-2.0
//
// What a run leaves behind, from outside the gateway: the ledgers of the devices, what each platform's application keeps, and what was
// measured meanwhile. Values; files as the simulators write them (tests/simulators).
#pragma once

#include "tests/oracle/log.hpp"

#include <functional>

namespace gatehouse::oracle {

/// One event that a device made in its life.
struct Made {
    std::uint64_t key = 0;
    std::string kind, subject;
};

/// How an event is found again: by the device's own number, or, where the log holds only a hash of its id, by whom it names.
enum class KnownBy { number, subject };

struct Device {
    std::string id; ///< in the gateway's registry
    KnownBy known_by = KnownBy::number;
    std::vector<Made> made{};
    /// Its live channel may drop events, so that a later one is stored before an earlier one is read from its memory (S11): its order is
    /// that of two runs, what it said itself and what was read.
    bool has_holes = false;
};

/// One event at a platform's application.
struct Kept {
    std::string epoch, id, kind;
    std::uint64_t sequence = 0, previous = 0;
    bool refused = false;
};

struct Platform {
    std::string name;
    std::vector<std::string> kinds{"*"}; ///< that it is entitled to: exact, "pass.*", "*"
    std::uint64_t from = 1;              ///< its first position
    bool sends_receipts = true;
    std::map<std::string, std::vector<Kept>> lanes{}; ///< in the order of arrival
};

/// The worst that was seen of something that has a bound.
struct Bound {
    std::string what;
    double worst = 0, limit = 0;
};

/// A question to the console on the spot, and whether it was answered well.
struct Answer {
    std::string question;
    bool is_good = false;
};

/// After a fault was healed: until everything served again.
struct Recovery {
    std::string from;
    double took_s = 0, within_s = 0;
};

/// Events that the gateway says were lost (its metrics), by device.
using Shed = std::map<std::string, std::uint64_t>;

struct Evidence {
    Log log;
    std::vector<Device> devices;
    std::vector<Platform> platforms;
    std::vector<Bound> bounds;
    std::vector<Answer> answers;
    std::vector<Recovery> recoveries;
    Shed shed;
    bool is_drained = true; ///< the platforms had the time to receive everything
};

/// JSON lines of a simulator's --ledger. Throws std::runtime_error where the file can't be read.
std::vector<Made> read_ledger(const std::filesystem::path& file);
/// JSON lines of sim-platform's --state: the application after all that it took and forgot.
std::map<std::string, std::vector<Kept>> read_twin(const std::filesystem::path& file);

} // namespace gatehouse::oracle
