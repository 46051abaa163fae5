// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drivers/uhppote/exchange.hpp"

namespace gatehouse::drivers::uhppote {

/// Opens the doors of one controller; also between conversations, since a door must not wait for a back-off. Loop only.
class ControllerDoors final : public DoorControl {
public:
    ControllerDoors(const DeviceInfo& device, Exchange& exchange) : device_(device), exchange_(exchange) {}
    Task<Done> open(std::int64_t outlet) override;

private:
    const DeviceInfo& device_;
    Exchange& exchange_;
};

} // namespace gatehouse::drivers::uhppote
