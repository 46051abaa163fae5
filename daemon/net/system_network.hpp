// SPDX-License-Identifier: Apache-2.0
//
// The machine's network: TCP, TLS and UDP by Asio. Names are looked up in the pool, never on the loop.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/net/network.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::net {

/// Addresses of a name, as texts. Blocks; runs in the pool.
using NameLookUp = std::function<Result<std::vector<std::string>>(const std::string& name)>;

/// getaddrinfo.
Result<std::vector<std::string>> ask_system_for_addresses(const std::string& name);

/// `loop`, `clock` and `pool` outlive it, and the loop outlives what runs in the pool. A name that takes longer than half of connect's
/// limit, or fails, is answered with its last good addresses (64 names kept). At most two look-ups run at once, so that a dead name
/// server never takes the whole pool. Dead peers are noticed by keep-alive and TCP_USER_TIMEOUT within 30 s.
std::unique_ptr<Network> make_system_network(Loop& loop, Clock& clock, Executor& pool, NameLookUp look_up = ask_system_for_addresses);

} // namespace gatehouse::net
