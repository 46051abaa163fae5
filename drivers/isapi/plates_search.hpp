// SPDX-License-Identifier: Apache-2.0
//
// POST /ISAPI/Traffic/channels/{n}/vehicleDetect/plates: a plate camera's short memory (the last few hundred). Some firmware wants the
// time without Z, some accepts only GET. Source: field captures.
#pragma once

#include "daemon/base/result.hpp"
#include "drivers/isapi/alert.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::isapi {

constexpr std::string_view plates_target = "/ISAPI/Traffic/channels/1/vehicleDetect/plates";

std::string encode_plates_search(Time after, std::chrono::minutes zone, bool with_z);

struct PlatesPage {
    std::vector<Alert> rows; ///< each with an Anpr and a readable time, oldest first
    std::uint64_t unreadable = 0;
};
Result<PlatesPage> decode_plates(std::string_view body, std::chrono::minutes zone);

} // namespace gatehouse::drivers::isapi
