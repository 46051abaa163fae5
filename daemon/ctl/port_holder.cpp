// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/port_holder.hpp"

#include "daemon/ctl/table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace gatehouse::ctl {

namespace {

constexpr std::size_t sockets_max = 100'000;
constexpr std::size_t processes_max = 100'000;
constexpr std::string_view tcp_listening = "0A"; // TCP_LISTEN, include/net/tcp_states.h
constexpr std::string_view everywhere_4 = "00000000", everywhere_6 = "00000000000000000000000000000000";
constexpr std::string_view mapped_4 = "0000000000000000FFFF0000"; // ::ffff:0:0/96

/// "127.0.0.1" as "0100007F": the kernel prints the four bytes as one number of this machine's order. Empty: not of IPv4.
std::string hex_of(const std::string& address) {
    std::array<unsigned, 4> bytes{};
    char beyond = 0;
    if (std::sscanf(address.c_str(), "%3u.%3u.%3u.%3u%c", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &beyond) != 4) return {};
    const std::array<unsigned char, 4> packed{static_cast<unsigned char>(bytes[0]), static_cast<unsigned char>(bytes[1]),
                                              static_cast<unsigned char>(bytes[2]), static_cast<unsigned char>(bytes[3])};
    std::uint32_t number = 0;
    std::copy(packed.begin(), packed.end(), reinterpret_cast<unsigned char*>(&number));
    std::array<char, 9> text{};
    std::snprintf(text.data(), text.size(), "%08X", number);
    return text.data();
}

bool stands_in_the_way(std::string_view held, const std::string& wanted) {
    // An address of IPv6 is not compared: whoever holds its port there is named.
    if (wanted.empty() || held == everywhere_4 || held == everywhere_6) return true;
    if (held.size() == everywhere_4.size()) return held == wanted;
    return held.starts_with(mapped_4) && held.substr(mapped_4.size()) == wanted;
}

/// The inode of the socket that holds it; 0: none.
std::uint64_t socket_at(const std::filesystem::path& table, bool is_tcp, const std::string& wanted, std::uint16_t port) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line); // the heading
    for (std::size_t i = 0; i < sockets_max && std::getline(file, line); ++i) {
        std::istringstream columns(line);
        std::string number, local, remote, state, queues, timer, retransmits, uid, timeout;
        std::uint64_t inode = 0;
        columns >> number >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >> inode;
        const auto colon = local.find(':');
        if (!columns || colon == std::string::npos || (is_tcp && state != tcp_listening)) continue;
        if (std::strtoul(local.c_str() + colon + 1, nullptr, 16) != port) continue;
        if (stands_in_the_way(std::string_view(local).substr(0, colon), wanted)) return inode;
    }
    return 0;
}

bool has_open(const std::filesystem::path& process, const std::string& socket) {
    std::error_code failed;
    for (std::filesystem::directory_iterator each(process / "fd", failed), end; !failed && each != end; each.increment(failed)) {
        std::error_code gone;
        if (std::filesystem::read_symlink(each->path(), gone) == socket) return true;
    }
    return false;
}

PortHolder owner_of(std::uint64_t inode, const std::filesystem::path& proc) {
    const auto socket = "socket:[" + std::to_string(inode) + "]";
    std::error_code failed;
    std::size_t looked_at = 0;
    for (std::filesystem::directory_iterator each(proc, failed), end; !failed && each != end && looked_at < processes_max; each.increment(failed)) {
        const auto name = each->path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        ++looked_at;
        if (!has_open(each->path(), socket)) continue;
        PortHolder holder;
        holder.pid = std::strtoull(name.c_str(), nullptr, 10);
        std::ifstream comm(each->path() / "comm");
        std::getline(comm, holder.program);
        holder.program = printable(holder.program);
        return holder;
    }
    return {};
}

} // namespace

std::optional<PortHolder> port_holder(bool is_tcp, const std::string& address, std::uint16_t port, const std::filesystem::path& proc) {
    const auto wanted = hex_of(address);
    for (const char* family : {"", "6"})
        if (const auto inode = socket_at(proc / "net" / (std::string(is_tcp ? "tcp" : "udp") + family), is_tcp, wanted, port); inode != 0)
            return owner_of(inode, proc);
    return {};
}

} // namespace gatehouse::ctl
