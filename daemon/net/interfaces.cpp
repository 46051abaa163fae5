// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/interfaces.hpp"

#include "daemon/base/bytes.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <memory>
#include <optional>

namespace gatehouse::net {

namespace {

constexpr std::size_t interfaces_max = 1024;

struct RawAddress {
    std::array<std::uint8_t, 16> bytes{};
    int bits = 0;
};

std::optional<RawAddress> raw(const std::string& text) {
    RawAddress address;
    if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) {
        address.bits = 32;
        return address;
    }
    if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) {
        address.bits = 128;
        return address;
    }
    return {};
}

RawAddress masked(RawAddress address, int prefix_bits) {
    for (int bit = prefix_bits; bit < address.bits; ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80u >> (bit % 8));
        auto& byte = address.bytes[static_cast<std::size_t>(bit / 8)];
        byte = static_cast<std::uint8_t>(byte & ~mask);
    }
    return address;
}

std::string text_of(const RawAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(address.bits == 32 ? AF_INET : AF_INET6, address.bytes.data(), text.data(), text.size());
    return text.data();
}

int ones(const void* mask, std::size_t size) {
    int bits = 0;
    const auto* bytes = static_cast<const std::uint8_t*>(mask);
    for (std::size_t i = 0; i < size; ++i) bits += std::popcount(bytes[i]);
    return bits;
}

std::optional<InterfaceAddress> address_of(const ifaddrs& entry) {
    if (!entry.ifa_addr || !entry.ifa_netmask) return {};
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (entry.ifa_addr->sa_family == AF_INET) {
        const auto* at = reinterpret_cast<const sockaddr_in*>(entry.ifa_addr);
        const auto* mask = reinterpret_cast<const sockaddr_in*>(entry.ifa_netmask);
        inet_ntop(AF_INET, &at->sin_addr, text.data(), text.size());
        return InterfaceAddress{text.data(), ones(&mask->sin_addr, sizeof(mask->sin_addr))};
    }
    if (entry.ifa_addr->sa_family == AF_INET6) {
        const auto* at = reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr);
        const auto* mask = reinterpret_cast<const sockaddr_in6*>(entry.ifa_netmask);
        if (IN6_IS_ADDR_LINKLOCAL(&at->sin6_addr)) return {};
        inet_ntop(AF_INET6, &at->sin6_addr, text.data(), text.size());
        return InterfaceAddress{text.data(), ones(&mask->sin6_addr, sizeof(mask->sin6_addr))};
    }
    return {};
}

// IPv6 takes values other than 0 and 1 in old kernels; all but 0 forward.
bool is_on(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    char digit = '0';
    const bool is_read = read(file, &digit, 1) == 1;
    close(file);
    return is_read && digit != '0';
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> open_folder(opendir(folder.c_str()), &closedir);
    if (!open_folder) return names;
    while (const auto* entry = readdir(open_folder.get())) {
        const std::string name = entry->d_name;
        if (!name.starts_with('.') && names.size() < interfaces_max) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool counts(const Interface& interface) { return interface.is_up && !interface.is_loopback; }

} // namespace

Result<std::vector<Interface>> interfaces() {
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) != 0) return Error(Fault::unsupported, "the kernel lists no network interfaces");
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(first, &freeifaddrs);
    std::map<std::string, Interface> by_name;
    for (const auto* entry = first; entry && by_name.size() < interfaces_max; entry = entry->ifa_next) {
        auto& interface = by_name[entry->ifa_name];
        interface.name = entry->ifa_name;
        interface.is_up = (entry->ifa_flags & IFF_UP) != 0;
        interface.has_carrier = (entry->ifa_flags & IFF_RUNNING) != 0;
        interface.is_loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
        if (auto address = address_of(*entry)) interface.addresses.push_back(std::move(*address));
    }
    std::vector<Interface> all;
    for (auto& [name, interface] : by_name) all.push_back(std::move(interface));
    return all;
}

bool share_subnet(const InterfaceAddress& one, const InterfaceAddress& other) {
    const auto first = raw(one.address), second = raw(other.address);
    if (!first || !second || first->bits != second->bits) return false;
    const int wider = std::min(one.prefix_bits, other.prefix_bits);
    return masked(*first, wider).bytes == masked(*second, wider).bytes;
}

std::vector<SharedSubnet> shared_subnets(const std::vector<Interface>& all) {
    std::vector<SharedSubnet> found;
    for (auto one = all.begin(); one != all.end(); ++one)
        for (auto other = one + 1; other != all.end(); ++other) {
            if (!counts(*one) || !counts(*other)) continue;
            for (const auto& first : one->addresses)
                for (const auto& second : other->addresses) {
                    if (!share_subnet(first, second)) continue;
                    const auto& narrower = first.prefix_bits >= second.prefix_bits ? first : second;
                    const auto subnet = masked(*raw(narrower.address), narrower.prefix_bits);
                    found.push_back(SharedSubnet{one->name, other->name, text_of(subnet) + "/" + std::to_string(narrower.prefix_bits)});
                }
        }
    return found;
}

std::vector<std::string> forwarding(const std::string& proc_sys_net) {
    std::vector<std::string> on;
    if (is_on(proc_sys_net + "/ipv4/ip_forward")) on.emplace_back("ipv4");
    for (const std::string family : {"ipv4", "ipv6"}) {
        const std::string folder = proc_sys_net + "/" + family + "/conf";
        for (const auto& name : names_in(folder)) {
            if (!is_on(folder + "/" + name + "/forwarding")) continue;
            // ipv4's "all" is ip_forward itself; "default" says only what interfaces to come will do.
            if (family == "ipv6" && name == "all") on.push_back(family);
            if (name != "all" && name != "default") on.push_back(family + "/" + name);
        }
    }
    return on;
}

} // namespace gatehouse::net
