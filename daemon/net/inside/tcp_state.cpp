// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/inside/tcp_state.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace gatehouse::net::inside {

TcpState tcp_state(int descriptor) {
    tcp_info info{};
    socklen_t bytes = sizeof(info);
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &bytes) != 0) return {};
    // What this machine itself does not let out (its firewall) lies unsent, and waits too.
    return {info.tcpi_bytes_acked, info.tcpi_unacked > 0 || (info.tcpi_notsent_bytes > 0 && info.tcpi_snd_wnd > 0)};
}

} // namespace gatehouse::net::inside
