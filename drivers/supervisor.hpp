// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/base/backoff.hpp"
#include "drivers/driver.hpp"

namespace gatehouse::drivers {

/// Retry lives here, once: runs conversations for ever, with jittered back-off (1 to 60 s; after a refusal 30 min, since five wrong
/// passwords lock a terminal), and appends device.offline when one ends that had been online. Ends by cancellation.
Task<void> supervise(Driver& driver, const DeviceInfo& device, RecordSink& sink, Surroundings surroundings);

/// A record of this device with its place, heard now.
Record record_of(const DeviceInfo& device, Kind kind, Time now);

} // namespace gatehouse::drivers
