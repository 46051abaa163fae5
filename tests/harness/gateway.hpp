// SPDX-License-Identifier: Apache-2.0
//
// The gateway itself in a story: gatehoused with settings and state in a folder of its own, killed and started at will.
#pragma once

#include "tests/harness/child_process.hpp"
#include "tests/harness/http.hpp"

#include <memory>
#include <string>

namespace gatehouse::harness {

struct GatewayOptions {
    std::string id = "gw-0001";
    std::string compound = "compound-0001";
    std::string language = "en";
    std::string log_level = "info";
    /// Where it listens for devices, and the interface that it is bound to there.
    std::string listen = "127.0.0.1", listen_interface{};
    unsigned device_records_per_s_max = 10'000;
    unsigned device_burst_records_max = 100'000;
    /// Where its log lies; empty: in the story's folder.
    std::string state_folder{};
    std::string clock = "trusted"; // or kernel: it asks the machine whether the clock is set
    std::vector<std::pair<std::string, std::string>> environment{};
    /// Lines put before the first table of upstreams, as they are: [retention.passage] …
    std::string more_settings{};
};

class Gateway {
public:
    Gateway(GatewayOptions options, const std::filesystem::path& folder);

    /// Written at the next start (or with `reload`): the platforms' tables and devices.toml.
    void set_upstreams(std::string toml) { upstreams_ = std::move(toml); }
    void set_devices(std::string toml) { devices_ = std::move(toml); }

    /// Starts gatehoused; it says "running" before this returns.
    void start();
    /// Starts it although it will not come up: bad settings. Answers how it ended.
    Exit start_in_vain();
    /// SIGTERM; it must end by itself with 0.
    Exit stop();
    /// SIGKILL: as when the power goes.
    void kill();
    void kill_and_start();
    /// Writes the settings anew, or these words instead, and sends SIGHUP.
    void reload();
    void reload_with(const std::string& settings);
    bool is_running() { return process_ && process_->is_running(); }

    const GatewayOptions& options() const { return options_; }
    std::string settings() const;
    std::filesystem::path settings_file() const { return folder_ / "gatehouse.toml"; }
    std::filesystem::path state_folder() const {
        return options_.state_folder.empty() ? folder_ / "state" : std::filesystem::path(options_.state_folder);
    }
    std::filesystem::path socket() const { return folder_ / "control.sock"; }
    std::uint16_t isapi_port() const { return isapi_port_; }
    std::uint16_t uhppote_port() const { return uhppote_port_; }
    /// The API on the Unix socket.
    HttpPeer api() const { return HttpPeer::unix_socket(socket().string()); }
    ChildProcess& process() { return *process_; }
    /// The logger's text of this run.
    std::string log() const { return process_ ? process_->err() : std::string(); }
    void wait_for_log(const std::string& words, std::chrono::milliseconds within = patience);

    /// gatehousectl with this gateway's socket; stdout, whatever its exit code says (`code` where wanted).
    std::string ctl(const std::vector<std::string>& words, int* code = nullptr) const;

private:
    void write_files();
    void spawn();

    GatewayOptions options_;
    std::filesystem::path folder_;
    std::uint16_t isapi_port_, uhppote_port_;
    std::string upstreams_, devices_;
    std::unique_ptr<ChildProcess> process_;
};

} // namespace gatehouse::harness
