// SPDX-License-Identifier: Apache-2.0
//
// Hikvision-style plate cameras (model "plate") and face terminals or access controllers (model "terminal") over ISAPI. One conversation:
// who are you, what time is it, point your push at us, give us what we missed; then listen until it is over.
#pragma once

#include "drivers/driver.hpp"
#include "drivers/isapi/event_table.hpp"
#include "drivers/push_routes.hpp"

#include <functional>
#include <memory>

namespace gatehouse::drivers::isapi {

/// How long a push may wait for the disk before the device is told to keep the event.
constexpr Duration push_commit_max = std::chrono::seconds(5);
constexpr std::size_t pushes_waiting_max = 16;
/// alertStream of a terminal that only replays its log is given up after this.
constexpr Duration pure_replay_max = std::chrono::seconds(60);

/// Where HTTP to the device comes from: in production make_http_client, in tests a scripted one. Called for each connection.
using HttpClients = std::function<std::unique_ptr<net::HttpClient>(const DeviceInfo&, Surroundings)>;
std::unique_ptr<net::HttpClient> real_http_client(const DeviceInfo& device, Surroundings surroundings);

class IsapiDriver final : public Driver {
public:
    /// `surroundings` and `routes` outlive it. While a push is being handled it must not be destroyed (the routes see to that).
    IsapiDriver(DeviceInfo device, Surroundings surroundings, PushRoutes& routes, EventTable table = built_in_events(),
                HttpClients clients = real_http_client);
    ~IsapiDriver() override;

    Task<Error> run(RecordSink& sink) override;
    DeviceStatus status() const override;
    DoorControl* doors() override;

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

std::unique_ptr<Driver> make_isapi(DeviceInfo device, Surroundings surroundings, PushRoutes& routes, EventTable table = built_in_events());

} // namespace gatehouse::drivers::isapi
