// SPDX-License-Identifier: Apache-2.0
//
// Which program holds a port that the daemon would listen on: what keeps it from starting, told while it does not run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace gatehouse::ctl {

struct PortHolder {
    std::uint64_t pid = 0; ///< 0: not ours to see
    std::string program;   ///< as the kernel names it, printable; empty: not ours to see
};

/// By /proc/net (proc(5)). `address`: where the daemon would listen, empty: everywhere; a holder that listens everywhere holds it too.
/// Empty: nobody, or the kernel tells nothing.
std::optional<PortHolder> port_holder(bool is_tcp, const std::string& address, std::uint16_t port, const std::filesystem::path& proc = "/proc");

} // namespace gatehouse::ctl
