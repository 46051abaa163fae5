// SPDX-License-Identifier: Apache-2.0
//
// The upstreams as the settings want them: begun, ended and begun anew when a reload changes them. One that left the settings is retired
// and holds nothing back.
#pragma once

#include "config/secrets.hpp"
#include "config/settings.hpp"
#include "daemon/net/mqtt_client.hpp"
#include "daemon/registry/registry.hpp"
#include "daemon/store/event_log.hpp"
#include "sync/mqtt/upstream.hpp"

#include <functional>
#include <map>
#include <memory>

namespace gatehouse::app {

/// One upstream's settings as sync wants them. Fault::malformed: a broker's address that is none.
Result<sync::mqtt::UpstreamSettings> to_sync(const config::Settings& settings, const config::Upstream& upstream, const config::Secrets& secrets);

class Upstreams {
public:
    struct Parts {
        Loop& loop;
        Clock& clock;
        Entropy& entropy;
        store::Store& store;
        registry::Registry& registry;
        net::MqttClient& mqtt;
        const store::SiteKeys& keys;
        std::string count_files; ///< folder for mode none's daily count files
        std::function<Done(const std::string& path, std::string_view content)> write_file;
        sync::mqtt::LogRewound log_rewound = {};
        sync::mqtt::ClipProvider clip = {};
    };
    Upstreams(Parts parts, const config::Settings& settings, const config::Secrets& secrets);

    /// For the catalogue: a device's present state, empty: unknown.
    void set_device_state(std::function<std::string(const std::string&)> state_of) { state_of_ = std::move(state_of); }

    /// Takes effect in run().
    void change(const config::Settings& settings, const config::Secrets& secrets);
    Task<void> run();

    std::vector<sync::Upstream*> all() const;
    sync::Upstream* named(const std::string& name) const;

    /// Every link ends and begins again, as after an identity conflict was settled by a new epoch.
    void begin_anew();

    /// An alarm that the disk refused goes up at once, on every upstream.
    void send_volatile(const Record& record);

private:
    struct Link {
        std::string fingerprint;
        std::unique_ptr<sync::mqtt::MqttUpstream> upstream;
        std::uint64_t handle = 0;
        std::shared_ptr<bool> ended = std::make_shared<bool>(false);
    };
    Task<void> follow_settings();
    Task<void> settle();
    Task<void> retire_the_gone();
    void begin(sync::mqtt::UpstreamSettings settings, std::string fingerprint);
    sync::mqtt::Surroundings surroundings();
    json::object catalogue() const;
    Task<void> follow_catalogue();
    Task<Result<std::string>> snapshot(std::string of, std::uint64_t at, std::string page);
    static Task<void> hold(std::shared_ptr<Link> link);

    Parts parts_;
    std::string gateway_, compound_;
    std::function<std::string(const std::string&)> state_of_;
    std::map<std::string, std::pair<sync::mqtt::UpstreamSettings, std::string>> wanted_;
    std::map<std::string, std::shared_ptr<Link>> links_;
    TaskGroup group_;
    Event changed_, one_ended_;
    Time started_;
};

} // namespace gatehouse::app
