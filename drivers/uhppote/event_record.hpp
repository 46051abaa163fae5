// SPDX-License-Identifier: Apache-2.0
//
// From a controller's event to our record. No I/O, no clock: the same event read in any way gives the same kind, subject and same_as.
#pragma once

#include "drivers/driver.hpp"
#include "drivers/uhppote/get_event.hpp"

namespace gatehouse::drivers::uhppote {

/// A controller's local time as UTC.
Time to_utc(LocalTime time, std::chrono::minutes zone);
LocalTime to_local(Time time, std::chrono::minutes zone);

/// Everything but heard_at, clock, device_key and the fact `recovered`, which the reader of the event knows. A card becomes the subject
/// only when the event's type says that it is one; a reason without a name becomes device.event with its number; nothing is dropped.
Record record_of_event(const LoggedEvent& event, const DeviceInfo& device, std::chrono::minutes zone);

/// Sixteen hex digits over what an event says apart from its index and its card (a mark outlives the erasing of a person): tells whether
/// the event at an index is still the one that we read there.
std::string fingerprint_of(const LoggedEvent& event);

} // namespace gatehouse::drivers::uhppote
