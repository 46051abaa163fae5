// SPDX-License-Identifier: Apache-2.0
//
// One life of the daemon's core, from a start to its death: what daemon/app/gatehouse.cpp puts together for a machine, put together for a
// simulated site. Everything runs on the site's loop.
#pragma once

#include "config/settings.hpp"
#include "daemon/app/devices.hpp"
#include "daemon/app/pushes.hpp"
#include "daemon/app/site_power.hpp"
#include "daemon/app/upstreams.hpp"
#include "daemon/store/event_log.hpp"
#include "drivers/uhppote/listener.hpp"
#include "tests/fakes/fake_broker.hpp"
#include "tests/fakes/memory_vfs.hpp"
#include "tests/fakes/sim_network.hpp"
#include "tests/simulation/trace.hpp"
#include "tests/world/gateway_clock.hpp"
#include "tests/world/slow_disk.hpp"

namespace gatehouse::world {

inline constexpr std::string_view gateway_host = "10.0.0.2"; ///< what tests/unit/drivers/uhppote's controller sends to
inline constexpr std::uint16_t push_port = 8090;

/// What outlives a gateway's life, and what it stands in.
struct Site {
    Loop& loop;
    GatewayClock& clock;
    Entropy& entropy; ///< the gateway's chance
    fakes::MemoryDisk& disk;
    SlowDisk& writer;
    fakes::SimNetwork& network;
    simulation::TracedNetwork& traced;
    fakes::FakeBroker& broker;
    const config::Settings& settings;
    const store::SiteKeys& keys;
    std::map<RetentionClass, store::Kept> kept;
    std::vector<json::object> devices; ///< put into the registry where it has none
};

class Gateway {
public:
    /// Opens the log. An error: the daemon cannot start now.
    static Result<std::unique_ptr<Gateway>> start(Site& site);
    ~Gateway();

    /// Until it cannot go on, or is cancelled by the death of its group.
    void run();
    const Event& ended() const { return ended_; }
    Event& ended() { return ended_; }
    /// Lets go of everything it does; comes back when nothing of it runs any more. Then it may be destroyed.
    Task<void> die();

    store::EventLog& store() { return *store_; }
    app::Devices& devices() { return *devices_; }
    sync::Upstream* upstream() { return upstreams_->named("district"); }
    TaskGroup& group() { return group_; }

private:
    Gateway(Site& site, std::unique_ptr<store::EventLog> store);
    static Task<void> live(Gateway& self);
    Task<Done> begin();
    Task<Done> begin_behind_rewound(std::string epoch, std::uint64_t head_there);
    Result<std::unique_ptr<drivers::Driver>> make_driver(const drivers::DeviceInfo& info);
    Record own_record(Kind kind) const;

    Site& site_;
    drivers::Surroundings surroundings_;
    std::uint64_t head_at_start_ = 0;
    std::unique_ptr<store::EventLog> store_;
    std::unique_ptr<registry::Registry> registry_;
    std::unique_ptr<app::Pushes> pushes_;
    std::unique_ptr<net::HttpServer> push_server_;
    std::unique_ptr<drivers::uhppote::Listener> listener_;
    std::unique_ptr<app::Upstreams> upstreams_;
    drivers::Pace pace_;
    app::SitePower power_;
    std::unique_ptr<app::Devices> devices_;
    Event ended_;
    TaskGroup group_;
};

/// The settings of every simulated site.
const config::Settings& site_settings();

} // namespace gatehouse::world
