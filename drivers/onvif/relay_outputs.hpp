// SPDX-License-Identifier: Apache-2.0
//
// GetRelayOutputs (ONVIF Core): what can be switched.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::onvif {

constexpr std::size_t relay_outputs_max = 32;

std::string encode_get_relay_outputs();
/// Tokens, in the device's order.
Result<std::vector<std::string>> decode_get_relay_outputs(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
