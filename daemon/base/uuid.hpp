// SPDX-License-Identifier: Apache-2.0
//
// UUIDv7 (RFC 9562): 48 bits of milliseconds, then chance. Boost 1.81 has none.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/entropy.hpp"

#include <array>
#include <string>
#include <string_view>

namespace gatehouse {

using Uuid = std::array<std::uint8_t, 16>;

Uuid make_uuid_v7(Time now, Entropy& entropy);

/// "0192f5c4-7e3a-7cc1-9f00-5d0c1a2b3c4d"
std::string to_text(const Uuid& uuid);
Result<Uuid> parse_uuid(std::string_view text);

} // namespace gatehouse
