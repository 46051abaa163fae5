// SPDX-License-Identifier: Apache-2.0
//
// ResponseStatus: what a device says about a request, XML, or JSON with and without the "ResponseStatus" key around it. Source: ISAPI
// guide, error table; field captures.
#pragma once

#include "daemon/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::drivers::isapi {

constexpr std::size_t answer_bytes_max = 256 * 1024; ///< XML or JSON that answers a request of ours

struct ResponseStatus {
    std::int64_t code = 0; ///< 0, 1 ok; 2 busy; 3 device error; 4 not possible; 5, 6 our bug; 7 reboot needed
    std::string sub_code;  ///< "notSupport", "deviceBusy", "deployExceedMax" ...
    std::int64_t error_code = 0;

    bool ok() const { return code == 0 || code == 1; }
    bool busy() const { return code == 2 || sub_code == "deviceBusy"; }
    bool missing() const { return sub_code == "notSupport" || sub_code == "methodNotAllowed"; }
};

Result<ResponseStatus> decode_response_status(std::string_view body);

/// "statusCode 4, notSupport"
std::string described(const ResponseStatus& status);

} // namespace gatehouse::drivers::isapi
