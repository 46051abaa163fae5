// SPDX-License-Identifier: Apache-2.0
//
// One request to an ISAPI device and what its answer means: busy is waited for, what the device lacks is remembered and not asked again,
// a refused password ends the conversation. On the loop.
#pragma once

#include "daemon/net/http.hpp"
#include "drivers/isapi/response_status.hpp"

#include <set>
#include <string>

namespace gatehouse::drivers::isapi {

constexpr int busy_tries_max = 7; ///< waits of 1, 2, 4, 8, 16, 30 s between them
constexpr int device_error_tries_max = 3;
constexpr Duration busy_wait_min = std::chrono::seconds(1);
constexpr Duration busy_wait_max = std::chrono::seconds(30);

/// What an answer that is no success means. 401: refused, saying for how long the account is locked. notSupport and the like:
/// unsupported. busy: busy. deployExceedMax: full.
Error error_of(const net::HttpResponse& response);

class DeviceApi {
public:
    /// Both outlive it.
    DeviceApi(net::HttpClient& http, Clock& clock) : http_(http), clock_(clock) {}

    enum class Patience { waits_when_busy, once };

    /// The body of a success. Faults: error_of(), and the client's own (unreachable, timed_out, malformed, full).
    Task<Result<std::string>> ask(std::string method, std::string target, std::string body = {}, Patience patience = Patience::waits_when_busy);

    bool is_missing(const std::string& method, const std::string& target) const { return missing_.contains(method + " " + target); }

private:
    Task<Result<std::string>> ask_once(const std::string& method, const std::string& target, const std::string& body);
    net::HttpClient& http_;
    Clock& clock_;
    std::set<std::string> missing_;
};

} // namespace gatehouse::drivers::isapi
