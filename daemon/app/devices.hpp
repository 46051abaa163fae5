// SPDX-License-Identifier: Apache-2.0
//
// Registry rows become supervised conversations: one per device, begun, ended and begun anew as the registry changes.
#pragma once

#include "daemon/app/device_sink.hpp"
#include "daemon/registry/registry.hpp"
#include "drivers/camera_control.hpp"
#include "drivers/supervisor.hpp"

#include <functional>
#include <map>
#include <memory>

namespace gatehouse::app {

/// Makes the driver a device names; Fault::unsupported for a name that we have not.
using DriverFactory = std::function<Result<std::unique_ptr<drivers::Driver>>(const drivers::DeviceInfo&)>;

constexpr Duration leave_limit = std::chrono::seconds(15);

class Devices {
public:
    Devices(registry::Registry& registry, RecordSink& sink, drivers::Surroundings surroundings, DriverFactory make, DeviceSink::Limits limits,
            std::function<void(const Record&)> volatile_alarm, drivers::Company company);

    /// Keeps conversations equal to the registry for ever. Ends by cancellation, after every conversation has ended.
    Task<void> run();

    /// Nobody of ours converses with the device any more. Fault::busy: after leave_limit somebody still does.
    Task<Done> until_left(std::string id);

    std::map<std::string, drivers::DeviceStatus> statuses() const;
    std::optional<drivers::DeviceStatus> status_of(const std::string& id) const;
    /// None: no such device, or one without doors. Valid until the next suspension.
    drivers::DoorControl* doors_of(const std::string& id) const;
    /// As the device last told them; empty: no such device, one without, or not told yet.
    std::vector<drivers::CameraStream> streams_of(const std::string& id) const;
    drivers::CardTable* cards_of(const std::string& id) const;
    std::optional<drivers::PowerState> power_of(const std::string& id) const;

private:
    struct Conversation {
        registry::Device device;
        std::unique_ptr<drivers::Driver> driver;
        std::unique_ptr<DeviceSink> sink;
        std::uint64_t handle = 0;
        std::shared_ptr<bool> ended = std::make_shared<bool>(false);
    };
    void begin(const registry::Device& device);
    Task<void> settle();
    Task<void> follow_registry();
    static Task<void> hold(std::shared_ptr<Conversation> conversation, drivers::Surroundings surroundings, drivers::Company company);

    registry::Registry& registry_;
    RecordSink& sink_;
    drivers::Surroundings surroundings_;
    DriverFactory make_;
    DeviceSink::Limits limits_;
    std::function<void(const Record&)> volatile_alarm_;
    drivers::Company company_;
    std::map<std::string, std::shared_ptr<Conversation>> conversations_;
    TaskGroup group_;
    Event one_ended_;
};

} // namespace gatehouse::app
