// SPDX-License-Identifier: Apache-2.0
//
// One path for all ways in: an alert from alertStream, from a push or from a search of the device's memory becomes a record. Nothing
// that can name a person gets past here. No I/O; lives on the loop.
#pragma once

#include "drivers/driver.hpp"
#include "drivers/isapi/active_states.hpp"
#include "drivers/isapi/alert_parts.hpp"
#include "drivers/isapi/event_table.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::drivers::isapi {

enum class Way { stream, push, search };

/// An event older than this was read back, not heard.
constexpr Duration live_age_max = std::chrono::seconds(15);
/// From this on a device's clock is called skewed.
constexpr Duration clock_offset_max = std::chrono::seconds(3);

/// What we know of the clocks when an event comes in.
struct ClockReading {
    ClockQuality quality = ClockQuality::synced;
    std::optional<std::int64_t> offset_us; ///< device minus ours, when measured
};

struct Taken {
    enum class What {
        record,
        heartbeat,
        goes_on, ///< repeat of a state that lasts: no record
        dropped, ///< on purpose: faces of strangers
    } what = What::record;
    Record record;
    std::optional<std::uint64_t> serial, front_serial;
    std::optional<Time> second; ///< the device's second, by best guess
    bool replay = false;        ///< the device says itself that this is from its memory
    bool plate = false;         ///< a vehicle: moves a camera's mark
};

class Intake {
public:
    /// `device` outlives it.
    Intake(const DeviceInfo& device, EventTable table);

    /// `generation` is of terminals' serial numbers.
    Taken take(Arrival arrival, Way way, Time heard_at, Instant now, ClockReading clock, std::uint32_t generation);

    /// The ends of states that were not repeated.
    std::vector<Record> expire(Time heard_at, Instant now, ClockReading clock);

private:
    Record record_at(Kind kind, const Alert& alert, Time heard_at, ClockReading clock, std::optional<std::int64_t> outlet) const;
    void take_access(Taken& taken, const Alert& alert, Time heard_at, ClockReading clock, std::uint32_t generation);
    void take_plate(Taken& taken, const Alert& alert, Time heard_at, ClockReading clock);
    void take_smart(Taken& taken, const Alert& alert, Time heard_at, Instant now, ClockReading clock);
    const Outlet* outlet_of(std::optional<std::int64_t> number) const;

    struct Lasting {
        Kind ended;
        std::string code, event;
        std::optional<std::int64_t> channel, input;
    };
    const DeviceInfo& device_;
    EventTable table_;
    bool with_faces_;
    ActiveStates states_;
    std::map<std::string, Lasting> lasting_;
};

} // namespace gatehouse::drivers::isapi
