// SPDX-License-Identifier: Apache-2.0
//
// Probe and ProbeMatches (WS-Discovery, 2005/04; ONVIF Core): who is there. One datagram each.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::onvif {

constexpr std::size_t probe_matches_max = 16; ///< of one datagram
constexpr std::size_t match_addresses_max = 8;

struct ProbeMatch {
    std::string uuid;                   ///< lower case, without urn:uuid:; what stays when the address changes
    std::vector<std::string> addresses; ///< of the device service, in the device's order
    std::string name, hardware, location;
};

struct ProbeMatches {
    std::string relates_to; ///< the probe's UUID, bare and lower case: some leave urn: or uuid: away
    std::vector<ProbeMatch> matches;
};

/// Some answer only to a probe for NetworkVideoTransmitter, others only to one without types.
enum class ProbeFor { cameras, anything };
std::string encode_probe(std::string_view message_uuid, ProbeFor wanted);
Result<ProbeMatches> decode_probe_matches(std::string_view datagram);

} // namespace gatehouse::drivers::onvif
