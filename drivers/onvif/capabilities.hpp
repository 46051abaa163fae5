// SPDX-License-Identifier: Apache-2.0
//
// GetCapabilities (ONVIF Core): the older way to learn where services listen, for devices without GetServices. Knows no media 2.
#pragma once

#include "drivers/onvif/services.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_get_capabilities();
Result<Services> decode_get_capabilities(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
