// SPDX-License-Identifier: Apache-2.0
//
// Opens a terminal's door or lifts the barrier beside a plate camera, on a connection of its own so that no search is waited for.
// There is nothing here that closes one.
#pragma once

#include "drivers/driver.hpp"
#include "drivers/isapi/device_api.hpp"

#include <functional>

namespace gatehouse::drivers::isapi {

class DoorOpener final : public DoorControl {
public:
    /// All outlive it. `locked_out`: the device's last word was that our password is wrong; one more try could lock the account.
    DoorOpener(const DeviceInfo& device, Clock& clock, net::HttpClient& http, std::function<bool()> locked_out);

    Task<Done> open(std::int64_t outlet) override;

private:
    Task<Done> open_door(std::int64_t door);
    Task<Done> lift_barrier(std::int64_t lane);
    Task<Done> pulse_output(std::int64_t output);
    Task<Done> put(std::string target, std::string body);

    const DeviceInfo& device_;
    Clock& clock_;
    DeviceApi api_;
    std::function<bool()> locked_out_;
};

} // namespace gatehouse::drivers::isapi
