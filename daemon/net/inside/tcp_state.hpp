// SPDX-License-Identifier: Apache-2.0
//
// What the kernel knows of a connection's other end. Includes nothing of ours or Asio's: linux/tcp.h, which alone has these fields,
// clashes with the netinet/tcp.h that Asio reads.
#pragma once

#include <cstdint>

namespace gatehouse::net::inside {

struct TcpState {
    std::uint64_t acknowledged_bytes = 0;
    bool is_waiting = false; ///< more was written, and the peer has room for it
};

/// By TCP_INFO. A peer that has closed its window takes nothing on purpose: nothing is waiting then.
TcpState tcp_state(int descriptor);

} // namespace gatehouse::net::inside
