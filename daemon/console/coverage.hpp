// SPDX-License-Identifier: Apache-2.0
//
// Promise 3: for each source the log can say covered from-to, unknown from-to, recovered from the device's own memory. Pure: records in,
// spans out. Silence never reads as covered, and nothing is recovered without evidence.
//
// Covered: from device.online to the end of the conversation: device.offline or device.dark ends it where the silence began, gateway.stopped when the
// gateway stopped, a start without a stop before it (killed) at the last record that was heard, a change or removal of the device at once.
// Known afterwards, and so recovered where not covered:
//   - devices that number their events: between two events with consecutive numbers nothing else happened. Numbers that a gap record names
//     count as present here, since the gap itself stays unknown.
//   - others: catch-up reads a memory from the oldest to the newest event, so an outage is recovered up to the last event that was read
//     back, and wholly once an event of after the outage was.
// A gap record is unknown whatever else is said of that time.
#pragma once

#include "daemon/base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::console {

/// One record of the source or of the gateway, reduced to what coverage needs.
struct Heard {
    enum class What {
        online,
        offline,
        event,   ///< anything else of the source
        gap,     ///< of the source
        started, ///< the gateway; a new epoch of a running one is none
        stopped, ///< the gateway
        changed, ///< the device: its conversation begins anew
        removed, ///< the device
    } what = What::event;
    std::uint64_t position = 0;
    Time heard_at{};
    /// Event: when it happened, where that can be believed.
    std::optional<Time> at;
    bool is_recovered = false;
    std::optional<std::uint64_t> key; ///< the device's number of the event
    std::uint32_t generation = 0;
    /// Offline: the last sign of life. Started: when the record before it was heard.
    std::optional<Time> silent_since;
    /// Gap: its time and numbers as far as the record says, and how many events are lost if that is exact.
    std::optional<Time> from, to;
    std::optional<std::uint64_t> first, last, lost;
    std::string cause;
};

struct CoverageSpan {
    enum class State { covered, unknown, recovered } state = State::unknown;
    Time from{}, to{};
    std::string cause;                 ///< unknown: why; a gap's own cause
    std::optional<std::uint64_t> lost; ///< a gap with exact count; of the whole gap, also where the question cuts it
    friend bool operator==(const CoverageSpan&, const CoverageSpan&) = default;
};
std::string_view name_of(CoverageSpan::State state);

struct CoverageQuestion {
    Time from{}, to{};
    /// A conversation that the log does not end is covered up to here only; beyond it `end_cause`.
    Time heard_until{};
    std::string end_cause = "not_online";
};

/// Causes of ours: never_heard, offline, gateway_stopped, gateway_killed, changed, removed, and end_cause. In order of time, without holes,
/// from `from` to `to`. `heard`: any order.
std::vector<CoverageSpan> coverage_of(std::vector<Heard> heard, const CoverageQuestion& question);

} // namespace gatehouse::console
