// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/base/backoff.hpp"
#include "drivers/driver.hpp"
#include "drivers/outage.hpp"
#include "drivers/pace.hpp"

namespace gatehouse::drivers {

/// What all conversations of a gateway have in common. Outlives them.
struct Company {
    Pace& pace;
    const Outage& outage;
};

/// Retry lives here, once: runs conversations for ever, each when it is its turn (pace.hpp), with jittered back-off (1 to 60 s; after a
/// refusal 30 min, since five wrong passwords lock a terminal), and appends device.offline when one ends that had been online; device.dark
/// in its place while the site's power is out, and then device.offline too if the device has not come back when the outage is over. Ends
/// by cancellation.
Task<void> supervise(Driver& driver, const DeviceInfo& device, RecordSink& sink, Surroundings surroundings, Company company);

/// A record of this device with its place, heard now.
Record record_of(const DeviceInfo& device, Kind kind, Time now);

} // namespace gatehouse::drivers
