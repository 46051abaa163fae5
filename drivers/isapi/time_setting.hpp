// SPDX-License-Identifier: Apache-2.0
//
// GET|PUT /ISAPI/System/time.
#pragma once

#include "drivers/isapi/device_time.hpp"

#include <string>
#include <string_view>

namespace gatehouse::drivers::isapi {

constexpr std::string_view time_target = "/ISAPI/System/time";

struct TimeSetting {
    std::string mode; ///< "manual" or "NTP"
    Time local{};     ///< as UTC
    std::string zone; ///< as the device has it, POSIX style
};

/// localTime may come without a zone; then the device's timeZone counts, then `zone`. Fault::malformed when it cannot be read.
Result<TimeSetting> decode_time_setting(std::string_view body, std::chrono::minutes zone);
/// `zone_kept`: the device's own zone text, which stays as it is; empty: written from `zone`.
std::string encode_time_setting(std::string_view mode, Time now, std::chrono::minutes zone, std::string_view zone_kept);

} // namespace gatehouse::drivers::isapi
