// SPDX-License-Identifier: Apache-2.0
//
// Who is there: by WS-Discovery, which asks a whole network at once but not those whose ONVIF is off, and by a question over HTTP to each address
// of a range, which finds those too. No password is used, so nothing is locked by it.
#pragma once

#include "drivers/driver.hpp"

#include <string>
#include <vector>

namespace gatehouse::drivers::onvif {

constexpr Duration discovery_listens = std::chrono::seconds(5);
constexpr std::size_t cameras_found_max = 1024;
constexpr std::size_t range_addresses_max = 256; ///< a /24
constexpr std::size_t range_asked_at_once_max = 16;
constexpr Duration range_address_limit = std::chrono::seconds(1); ///< for a connection, and for each answer

struct FoundCamera {
    enum class State {
        ready,         ///< ONVIF answers
        not_activated, ///< it was never given a password
        onvif_off,     ///< it lives, and its ONVIF does not
        locked,        ///< after too many wrong passwords
    } state = State::ready;
    net::Endpoint address; ///< of its web server
    std::string path;      ///< of the device service
    std::string uuid;      ///< stays when the address changes; empty: found over HTTP alone
    std::string name, hardware;
    bool is_double = false; ///< another camera answers at the same address
};
std::string_view name_of(FoundCamera::State state);

/// 239.255.255.250:3702, where all cameras of a network listen.
net::Endpoint discovery_group();

/// WS-Discovery out of the interface that `binding` names, to the group or, for a unicast probe, to one camera; probes of both kinds three times
/// within a second, answers for discovery_listens. Each camera once, at the address that its answer came from.
Task<Result<std::vector<FoundCamera>>> discover(Surroundings surroundings, net::Binding binding, net::Endpoint to);

/// "192.168.50.0/24" (host addresses only), "192.168.50.10-192.168.50.90" or one address. Fault::malformed; full: more than range_addresses_max.
Result<std::vector<std::string>> addresses_of(std::string_view range);

/// Each address once, at most range_asked_at_once_max at a time; those where nothing like a camera answers are left out. In the order of `hosts`.
Task<std::vector<FoundCamera>> look_at(Surroundings surroundings, net::Binding binding, std::vector<std::string> hosts, std::uint16_t port);

} // namespace gatehouse::drivers::onvif
