// SPDX-License-Identifier: Apache-2.0
//
// WS-Security UsernameToken Profile 1.0 (OASIS, 2004), digest form: Base64(SHA1(nonce + created + password)).
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/clock.hpp"

#include <array>
#include <string>

namespace gatehouse::drivers::onvif {

using Nonce = std::array<std::uint8_t, 16>;

/// The wsse:Security element. `created` is the time by the device's clock; the nonce is fresh for each request.
std::string encode_security(const std::string& username, const std::string& password, Time created, const Nonce& nonce);

} // namespace gatehouse::drivers::onvif
