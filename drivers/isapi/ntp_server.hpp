// SPDX-License-Identifier: Apache-2.0
//
// GET|PUT /ISAPI/System/time/ntpServers: one server, the first.
#pragma once

#include "daemon/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::drivers::isapi {

constexpr std::string_view ntp_servers_target = "/ISAPI/System/time/ntpServers";

struct NtpServer {
    std::string host; ///< address or name; empty when none is set
    std::int64_t port = 123;
    std::int64_t interval_min = 60;
    friend bool operator==(const NtpServer&, const NtpServer&) = default;
};
/// The first of the list; a bare NTPServer is taken too.
Result<NtpServer> decode_ntp_servers(std::string_view body);
std::string encode_ntp_servers(const NtpServer& server);

} // namespace gatehouse::drivers::isapi
