// SPDX-License-Identifier: Apache-2.0
//
// Which network interface a worker's sockets belong to. libav opens them and has no word for an interface; but it asks the C library for
// them by name, and of two functions of one name the program's own comes first: ours, which binds what it opens.
#pragma once

#include <string>

namespace gatehouse::pipelines {

constexpr std::size_t interface_bytes_max = 15; ///< IFNAMSIZ, without its end

/// From now on, for all threads; before any socket is opened. Empty: the routing table decides. A socket that cannot be bound is not
/// opened (ENODEV: there is no such interface), so that nothing leaves by another one.
void bind_sockets_to(const std::string& interface);

} // namespace gatehouse::pipelines
