// SPDX-License-Identifier: Apache-2.0
//
// What `gatehousectl check` needs to know of the machine's networks: interfaces, their subnets, whether anything is forwarded. The
// box stands in the device network and in the police video network, and nothing may pass between them.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <vector>

namespace gatehouse::net {

struct InterfaceAddress {
    std::string address; ///< without prefix length; IPv6 link-local ones are left out: all interfaces share that subnet
    int prefix_bits = 0;
    friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

struct Interface {
    std::string name;
    bool is_up = false;
    bool has_carrier = false; ///< a cable is in (IFF_RUNNING)
    bool is_loopback = false;
    std::vector<InterfaceAddress> addresses;
};

/// All interfaces by name, those without an address too. Blocks for a moment. Fault::unsupported when the kernel tells nothing.
Result<std::vector<Interface>> interfaces();

/// "192.168.1.7/24" and "192.168.0.0/16" overlap. False when one of them is no address or they are of different families.
bool share_subnet(const InterfaceAddress& one, const InterfaceAddress& other);

/// Two interfaces that could reach the same address by either.
struct SharedSubnet {
    std::string one;
    std::string other;
    std::string subnet; ///< the narrower one, "192.168.1.0/24"
};
/// Loopback and interfaces that are down don't count.
std::vector<SharedSubnet> shared_subnets(const std::vector<Interface>& all);

/// Where IP forwarding is switched on: names as in /proc/sys/net/ipv4/conf and ipv6/conf, e.g. "ipv4", "ipv4/eth0", "ipv6"; empty: nothing
/// is forwarded. `proc_sys_net`: where the kernel's settings are read.
std::vector<std::string> forwarding(const std::string& proc_sys_net = "/proc/sys/net");

} // namespace gatehouse::net
