// SPDX-License-Identifier: Apache-2.0
//
// SetRelayOutputState (ONVIF Core). What is monostable falls back by itself.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <string_view>

namespace gatehouse::drivers::onvif {

std::string encode_set_relay_output_state(std::string_view token, bool active);
Done decode_set_relay_output_state(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
