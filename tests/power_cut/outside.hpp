// SPDX-License-Identifier: Apache-2.0
//
// What stands outside the gateway and so outlives its power cut: the devices, which remember what was not acknowledged and offer it again,
// and the platform's application (the twin), which keeps each (epoch, lane, sequence) once and receipts what it keeps. Copyable values: a
// cut takes a copy along.
#pragma once

#include "daemon/base/entropy.hpp"
#include "daemon/net/mqtt_client.hpp"
#include "daemon/record/record.hpp"
#include "daemon/record/sink.hpp"

#include <array>
#include <map>
#include <set>
#include <string>

namespace gatehouse::power_cut {

/// A device numbers its events 1, 2, 3, … and offers them in this order; it forgets one once it is acknowledged.
struct Device {
    std::string name;
    std::uint64_t offered = 0;                           ///< the highest number that was ever offered
    std::uint64_t next = 1;                              ///< the first that is not acknowledged
    std::map<std::uint64_t, std::uint64_t> acknowledged; ///< number -> position that the store answered
};

Record event_of(const Device& device, std::uint64_t number, Time now);

struct Twin {
    struct Kept {
        std::string id;
        std::uint64_t previous = 0;
    };
    using Sequence = std::pair<std::string, std::uint64_t>; ///< epoch, sequence
    struct Lane {
        std::map<Sequence, Kept> kept;
        std::set<Sequence> receipted; ///< a receipt left for it
        std::set<Sequence> fresh;     ///< to be receipted next
        std::uint64_t repeats = 0;
    };
    std::map<std::string, Lane> lanes; ///< "urgent", "routine"
    std::string wrong;                 ///< the first thing that must never arrive
    bool has_online = false;           ///< the gateway has said so since the last receipts: all that is kept is receipted again

    /// One message that the broker hands on.
    void hear(const net::MqttMessage& message);
    /// The receipts that leave now, as payloads.
    std::vector<std::string> receipts();
    std::uint64_t events() const;
};

struct Outside {
    std::array<Device, 2> devices{Device{"door-1", 0, 1, {}}, Device{"camera-1", 0, 1, {}}};
    Twin twin;
    std::uint64_t erased = 0; ///< erasures begun

    std::uint64_t acknowledged() const { return devices[0].acknowledged.size() + devices[1].acknowledged.size(); }
};

} // namespace gatehouse::power_cut
