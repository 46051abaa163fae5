// SPDX-License-Identifier: Apache-2.0
//
// A site and everything around it, in one thread: the machine that the gateway runs on (it dies and is started again), its disk and clock,
// devices, broker and platform. Faults reach in and turn the knobs.
#pragma once

#include "tests/oracle/log.hpp"
#include "tests/world/devices.hpp"
#include "tests/world/gateway.hpp"
#include "tests/world/platform.hpp"

#include <filesystem>

namespace gatehouse::world {

/// How the machine stops.
enum class Stop { none, orderly, kill, power_cut };

class World {
public:
    explicit World(std::uint64_t seed);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Before the disk's operation number now + `operations` (at once where it is 0) the machine stops, and stays off for `off`.
    void stop_machine(Stop how, std::uint64_t operations, Duration off);
    /// The start after the next stop is cut as well, before its operation of that number.
    void cut_next_start(std::uint64_t operation) { start_cut_at_ = operation; }
    bool is_running() const { return started.is_set() && !is_dead_; }
    /// None: it is not running.
    Gateway* gateway() const { return is_running() ? gateway_.get() : nullptr; }
    /// Why a disk operation of that kind fails now, beside a machine that is off; none: it does not.
    std::function<bool(const std::string& kind)> disk_fails;

    bool broker_flaps = false;

    void tell(const std::string& what);

    // The log as SQLite sees it now, read without a line of the store. Throws std::runtime_error.
    oracle::Log read_log() const;

    Loop loop;
    fakes::SimClock clock{loop}; ///< the true one
    SeededEntropy entropy;       ///< the gateway's
    SeededEntropy chance;        ///< what people do, and what goes wrong
    SeededEntropy weather;       ///< what network and disk do
    simulation::Trace trace;
    GatewayClock gateway_clock{clock};
    fakes::MemoryDisk disk;
    SlowDisk writer{loop, clock, weather};
    fakes::SimNetwork network;
    simulation::TracedNetwork traced{network, trace};
    fakes::FakeBroker broker{loop};
    store::SiteKeys keys;
    Site site;
    TaskGroup people{loop};
    Street street{loop, clock, chance, network, traced, people};
    Doors doors{street};
    Camera camera{street};
    Terminal terminal{street};
    Platform platform;

    std::vector<std::string> story;
    std::uint64_t lives = 0, power_cuts = 0;
    Event started; ///< set while a gateway runs

    /// Runs the machine for ever.
    static Task<void> keep_machine_running(World& self);

private:
    bool before_operation(const std::string& kind);
    void cut();
    Task<void> bury();

    std::filesystem::path folder_; ///< for read_log()
    std::unique_ptr<Gateway> gateway_;
    Stop stop_ = Stop::none;
    std::uint64_t stop_at_ = 0, start_cut_at_ = 0;
    Duration off_{0};
    bool is_dead_ = false;
    std::map<std::string, Bytes> image_;
    Event dead_;
};

} // namespace gatehouse::world
