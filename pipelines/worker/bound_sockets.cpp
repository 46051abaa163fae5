// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/bound_sockets.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace {

// asm-generic/socket.h, the same on amd64 and arm64: SOL_SOCKET, SO_BINDTODEVICE. Since Linux 5.7 no privilege is asked for it where a
// socket is not bound yet.
constexpr long socket_level = 1, bind_to_device = 25;
constexpr int ip4 = 2, ip6 = 10;

// Written once, before there are other threads.
std::array<char, gatehouse::pipelines::interface_bytes_max + 1> bound_to{};
std::size_t bound_to_bytes = 0;

} // namespace

// In place of the C library's (socket(2)).
extern "C" int socket(int domain, int type, int protocol) noexcept {
    const auto made = static_cast<int>(::syscall(SYS_socket, domain, type, protocol));
    if (made < 0 || bound_to_bytes == 0 || (domain != ip4 && domain != ip6)) return made;
    if (::syscall(SYS_setsockopt, made, socket_level, bind_to_device, bound_to.data(), bound_to_bytes + 1) == 0) return made;
    const int why = errno;
    ::close(made);
    errno = why;
    return -1;
}

namespace gatehouse::pipelines {

void bind_sockets_to(const std::string& interface) {
    bound_to_bytes = std::min(interface.size(), interface_bytes_max);
    interface.copy(bound_to.data(), bound_to_bytes);
    bound_to[bound_to_bytes] = '\0';
}

} // namespace gatehouse::pipelines
