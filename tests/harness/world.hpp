// SPDX-License-Identifier: Apache-2.0
//
// A compound, its gateway and its platforms, all real processes on this machine:
//
//     World world;
//     auto& doors = world.uhppote("east-doors");
//     world.start();
//     doors.swipe(8100001);
//     world.district().wait_for_count("pass.granted", 1);
//
// Parts are added before start(). Everything is torn down with the World, in reverse.
#pragma once

#include "tests/harness/gateway.hpp"
#include "tests/harness/isapi_devices.hpp"
#include "tests/harness/platform.hpp"
#include "tests/harness/temp_dir.hpp"
#include "tests/harness/uhppote_doors.hpp"
#include "tests/harness/vitals.hpp"

#include <deque>
#include <map>

namespace gatehouse::harness {

class World {
public:
    explicit World(GatewayOptions options = {});

    /// Added with the defaults at start() when no platform was named.
    Platform& platform(const std::string& name, PlatformOptions options = {});
    Platform& district() { return named("district"); }
    Platform& police() { return named("police"); }

    UhppoteDoors& uhppote(const std::string& name, UhppoteOptions options = {}, std::map<std::string, std::string> driver_options = {});
    PlateCamera& plate_camera(const std::string& name, IsapiOptions options = {}, std::map<std::string, std::string> driver_options = {});
    FaceTerminal& face_terminal(const std::string& name, IsapiOptions options = {}, std::map<std::string, std::string> driver_options = {});

    /// A device that is not of this world's making: its table of devices.toml.
    void add_device(const std::string& toml) { devices_ += toml; }

    /// Platforms first, then the gateway. The devices run since they were added: what they made before is in their memory.
    void start();
    /// Platforms only: for stories where the gateway comes later (gateway().start()).
    void start_platforms();

    Gateway& gateway() { return gateway_; }
    const std::filesystem::path& folder() const { return folder_.path(); }

    /// All that the devices made in their lives.
    std::vector<Made> all_made() const;
    /// Of `made`, how many of each kind.
    static std::map<std::string, std::size_t> by_kind(const std::vector<Made>& made);

    /// Until the platform keeps at least as many events of each kind as the devices made, and has no hole.
    void wait_until_all_arrived(Platform& platform, std::chrono::milliseconds within = patience);

    /// A look at the running gateway's memory, descriptors, threads and queue; the worst of all looks is held against its bounds (I7).
    void look() { vitals_.look(gateway_); }
    Vitals& vitals() { return vitals_; }
    /// A platform that is not of this world's making: judged with the others from now on.
    void judge_also(std::function<oracle::Platform()> evidence) { others_.push_back(std::move(evidence)); }
    /// This device's live channel drops events in this story: they come from its memory, after later ones.
    void expect_holes(const std::string& device) { holey_.insert(device); }
    /// What the oracle (tests/oracle) judges this run by.
    oracle::Evidence evidence();
    /// Until every platform has all that it is entitled to and no invariant of I1 to I10 is broken; Trouble with the oracle's words.
    void wait_until_sound(std::chrono::milliseconds within = patience);

private:
    Platform& named(const std::string& name);

    TempDir folder_{"world"};
    Gateway gateway_;
    std::deque<Platform> platforms_;
    std::vector<std::unique_ptr<Simulator>> simulators_;
    std::string devices_;
    Vitals vitals_;
    std::vector<std::function<oracle::Platform()>> others_;
    std::set<std::string> holey_;
};

} // namespace gatehouse::harness
