// SPDX-License-Identifier: Apache-2.0
//
// A device simulator as its own process, commanded over its control port. One class per device adds the words that a
// story about it needs.
#pragma once

#include "tests/harness/child_process.hpp"
#include "tests/harness/http.hpp"

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::harness {

/// One event of a device's life, as its ledger has it.
struct Made {
    std::string device;
    std::uint64_t key = 0;
    std::string kind, subject, at, made_at;
};

class Simulator {
public:
    /// `program` is a name in the build's bin folder. Starts it; ready when this returns.
    Simulator(std::string name, std::string program, std::vector<std::string> arguments, std::filesystem::path folder,
              std::chrono::milliseconds ready_within = 10s);
    virtual ~Simulator() = default;

    const std::string& name() const { return name_; }
    /// As the ready line has it: port("udp").
    std::uint16_t port(const std::string& what) const;

    boost::json::value state() const { return control().get("/state"); }
    std::vector<Made> ledger() const;
    Made event(const boost::json::object& what);
    /// Events of its own choosing: `count` at once, or at a rate until told otherwise.
    std::vector<Made> burst(std::size_t count);
    void traffic(double per_s);
    void fault(const std::string& name, boost::json::object arguments = {});
    void mend(const std::string& name) { control().remove("/fault/" + name); }
    void set_clock(double offset_s, double drift_ppm = 0);
    void reboot() { control().post("/reboot", boost::json::object()); }

    /// Power off and on: the process ends and a new one with an empty memory stands at the same place.
    void kill();
    void start();
    void freeze() { process_->freeze(); }
    void thaw() { process_->thaw(); }

    HttpPeer control() const { return HttpPeer::tcp(control_port_); }
    ChildProcess& process() { return *process_; }

private:
    std::string name_, program_;
    std::vector<std::string> arguments_;
    std::filesystem::path folder_;
    std::chrono::milliseconds ready_within_;
    std::uint16_t control_port_ = 0;
    boost::json::object ports_;
    std::unique_ptr<ChildProcess> process_;
};

/// Path of a program of this build: beside the running test, or in GATEHOUSE_BIN.
std::filesystem::path built(const std::string& program);

} // namespace gatehouse::harness
