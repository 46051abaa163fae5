// SPDX-License-Identifier: Apache-2.0
//
// HttpHostNotification: where a device posts its events (httpHosts, one to three slots). Source: ISAPI guide, field captures.
#pragma once

#include "daemon/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::isapi {

constexpr std::string_view http_hosts_target = "/ISAPI/Event/notification/httpHosts";
constexpr std::size_t http_hosts_max = 8;

struct HttpHost {
    std::int64_t id = 0;
    std::string url;
    std::string address; ///< ipAddress, or hostName
    std::int64_t port = 0;
    std::string format; ///< "XML", "JSON"

    /// Points nowhere: url "/" or empty, and no address.
    bool is_free() const { return (url.empty() || url == "/") && (address.empty() || address == "0.0.0.0" || address == "::"); }
};

/// HttpHostNotificationList, or one bare entry.
Result<std::vector<HttpHost>> decode_http_hosts(std::string_view body);

/// What only terminals take; cameras with old firmware refuse it.
struct Subscription {
    std::int64_t heartbeat_s = 30;
};
std::string encode_http_host(const HttpHost& host, const Subscription* subscription);

} // namespace gatehouse::drivers::isapi
