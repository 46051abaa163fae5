// SPDX-License-Identifier: Apache-2.0
//
// Stop (ONVIF PTZ): pan, tilt and zoom.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <string_view>

namespace gatehouse::drivers::onvif {

std::string encode_stop(std::string_view profile_token);
Done decode_stop(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
