// SPDX-License-Identifier: Apache-2.0
//
// SetUser (ONVIF Core): an account's password from now on.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <string_view>

namespace gatehouse::drivers::onvif {

/// `level`: the account's own, as the device has it; a change of it is never meant.
std::string encode_set_user(std::string_view username, std::string_view password, std::string_view level);
Done decode_set_user(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
