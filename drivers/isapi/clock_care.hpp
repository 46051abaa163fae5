// SPDX-License-Identifier: Apache-2.0
//
// The device's clock: measured at the start of a conversation and daily, told when wrong, set if we may. On the loop.
#pragma once

#include "drivers/isapi/device_api.hpp"
#include "drivers/isapi/writer.hpp"

namespace gatehouse::drivers::isapi {

class ClockCare {
public:
    /// All outlive it. Option "ntp_server": the server that the device shall ask.
    ClockCare(DeviceApi& api, Writer& writer, Surroundings surroundings, const DeviceInfo& device);

    /// Measures; a clock.skewed when the offset is new and above clock_offset_max. A device that does not tell its time is no fault.
    Task<Done> measure();
    /// Sets clock and NTP server when wrong and allowed; each setting is a device.changed. Not with a clock of ours that is not synced.
    Task<Done> set_right();

private:
    Task<Done> set_clock();
    Task<Done> set_ntp_server(std::string host);
    Task<Done> tell_change(std::string setting, std::string value, std::string previous);

    DeviceApi& api_;
    Writer& writer_;
    Surroundings surroundings_;
    const DeviceInfo& device_;
    std::string mode_, zone_;
    std::optional<std::int64_t> told_offset_us_;
};

} // namespace gatehouse::drivers::isapi
