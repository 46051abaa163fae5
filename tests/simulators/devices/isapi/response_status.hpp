// SPDX-License-Identifier: Apache-2.0
// The ResponseStatus that a device answers with, as XML or (with ?format=json) as JSON, where errorCode is decimal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::simulators::isapi {

struct ResponseStatus {
    int code = 1;
    std::string_view text = "OK";
    std::string_view sub = "ok";
    std::uint32_t error = 0;
    unsigned http = 200;
};

constexpr ResponseStatus status_ok{};
constexpr ResponseStatus status_busy{2, "Device Busy", "deviceBusy", 0x20000004, 503};
constexpr ResponseStatus status_not_support{4, "Invalid Operation", "notSupport", 0x40000001, 403};
constexpr ResponseStatus status_method_not_allowed{4, "Invalid Operation", "methodNotAllowed", 0x40000002, 405};
constexpr ResponseStatus status_bad_format{5, "Invalid XML Format", "badXmlFormat", 0x40000009, 400};
constexpr ResponseStatus status_bad_content{6, "Invalid XML Content", "invalidContent", 0x4000000A, 400};
constexpr ResponseStatus status_deploy_exceeded{4, "Invalid Operation", "deployExceedMax", 0x4000000C, 403};
constexpr ResponseStatus status_user_exists{6, "Invalid Content", "deviceUserAlreadyExist", 0x4000000B, 400};

// `wrapped`: the JSON object sits under a "ResponseStatus" key, as some firmware has it.
std::string to_text(const ResponseStatus& status, std::string_view request_url, bool as_json, bool wrapped);

} // namespace gatehouse::simulators::isapi
