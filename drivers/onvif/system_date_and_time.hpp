// SPDX-License-Identifier: Apache-2.0
//
// GetSystemDateAndTime (ONVIF Core): the one call that everybody may make, since without the device's clock nobody can log in.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::drivers::onvif {

struct SystemDateAndTime {
    std::optional<Time> utc;   ///< some tell local time alone
    std::optional<Time> local; ///< as if it were UTC
    std::string mode;          ///< "NTP", "Manual"
};

std::string encode_get_system_date_and_time();
Result<SystemDateAndTime> decode_get_system_date_and_time(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
