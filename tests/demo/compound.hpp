// SPDX-License-Identifier: Apache-2.0
//
// The world of the demo: broker, platforms, devices, gateway, each a real process in one temporary folder.
#pragma once

#include "tests/harness/broker.hpp"
#include "tests/harness/cameras.hpp"
#include "tests/harness/simulator.hpp"
#include "tests/harness/temp_dir.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::demo {

struct Platform {
    std::string name;
    std::vector<std::string> kinds; ///< of its entitlement, as in the settings
    bool personal = false;          ///< subjects and plate pictures, with a basis
    std::unique_ptr<harness::Simulator> application;
};

class Compound {
public:
    Compound();
    ~Compound();

    void start_gateway();
    /// SIGTERM; answers whether it ended well.
    bool stop_gateway();

    void traffic(double per_s);
    void cut_broker() { broker_.kill(); }
    void mend_broker() { broker_.start(); }
    void cut_device();
    void mend_device();

    /// Events that the simulators have made, by their own ledgers: device id in the registry -> rows.
    std::map<std::string, std::vector<harness::Made>> ledgers() const;

    std::filesystem::path database() const { return folder_ / "state" / "gatehouse.db"; }
    std::filesystem::path socket() const { return folder_ / "control.sock"; }
    std::vector<Platform>& platforms() { return platforms_; }
    const std::map<std::string, std::unique_ptr<harness::Simulator>>& devices() const { return devices_; }
    /// What lies in the recordings' folder: camera -> whole segments.
    std::map<std::string, std::uint64_t> recorded_segments() const;
    bool broker_runs() { return broker_.is_running(); }

private:
    void write_settings();
    void write_devices();

    harness::TempDir folder_;
    harness::Broker broker_;
    std::uint16_t isapi_port_, uhppote_port_;
    std::vector<Platform> platforms_;
    std::map<std::string, std::unique_ptr<harness::Simulator>> devices_;
    std::map<std::string, std::unique_ptr<harness::IpCamera>> cameras_; ///< recorded; they make no events
    std::unique_ptr<harness::ChildProcess> gateway_;
};

} // namespace gatehouse::demo
