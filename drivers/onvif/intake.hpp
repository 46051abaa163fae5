// SPDX-License-Identifier: Apache-2.0
//
// A notification becomes a record, or nothing: states are told when they change, not when they are repeated, and not when a new subscription
// tells how things stand; the end of what stood so is told. No I/O.
#pragma once

#include "drivers/driver.hpp"
#include "drivers/onvif/event_table.hpp"

#include <map>

namespace gatehouse::drivers::onvif {

constexpr std::size_t states_max = 256;
constexpr Duration clock_offset_max = std::chrono::seconds(3);
/// Older than this by the device's corrected clock: it waited for us.
constexpr Duration live_age_max = std::chrono::seconds(15);
/// A message's time and its answer's time are of one clock; further apart than a pull point lives, one of them has the wrong zone.
constexpr Duration time_apart_max = std::chrono::minutes(20);

struct ClockReading {
    ClockQuality quality = ClockQuality::synced; ///< of ours
    std::optional<std::int64_t> offset_us;       ///< the device's clock minus ours
    std::optional<Time> device_now;              ///< of the answer that brought the notification
};

class Intake {
public:
    /// Option clear_after_s: a state that is neither repeated nor ended is over after so long; for cameras that never send an end. `device`
    /// outlives it.
    Intake(const DeviceInfo& device, EventTable table);

    /// None: nothing that has to be told.
    std::optional<Record> take(const Notification& notification, Time heard_at, Instant now, const ClockReading& clock);
    /// The ends of states whose time is up.
    std::vector<Record> expire(Time heard_at, Instant now, const ClockReading& clock);

private:
    struct State {
        bool active = false;
        Instant at{};
        Notification last;
    };
    Record record_at(Kind kind, const Notification& notification, const TopicRow* row, Time heard_at, const ClockReading& clock) const;
    std::optional<Record> on_state(const Notification& notification, const TopicRow* row, bool active, Time heard_at, Instant now,
                                   const ClockReading& clock);
    std::optional<Record> on_deleted(const Notification& notification, Time heard_at, Instant now, const ClockReading& clock);

    const DeviceInfo& device_;
    EventTable table_;
    std::optional<Duration> clear_after_;
    std::map<std::string, State> states_; ///< by topic and source
};

} // namespace gatehouse::drivers::onvif
