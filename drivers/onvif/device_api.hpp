// SPDX-License-Identifier: Apache-2.0
//
// One SOAP request to a device, with its log-in: none, WS-UsernameToken by the device's own clock, or HTTP digest, which the client answers by
// itself.
// What comes back is the answer whatever HTTP's status says: some put faults under 200 and answers under 500. On the loop.
#pragma once

#include "daemon/net/http.hpp"
#include "drivers/driver.hpp"
#include "drivers/onvif/soap.hpp"

#include <optional>
#include <string>

namespace gatehouse::drivers::onvif {

enum class LogIn { none, http, token };

struct Asked {
    std::string path; ///< where to
    std::string body;
    std::string action;                            ///< of calls about events; else empty
    std::string to;                                ///< with an action: the address, letter by letter
    std::vector<std::string> reference_parameters; ///< of a pull point
    bool may_be_repeated = true;                   ///< on a connection that had died unseen
};

struct Said {
    int status = 0;
    std::string body;
    bool asks_digest = false; ///< 401 with a challenge that the client can answer: it did, and was refused
    bool speaks_of_a_lock = false;
    std::optional<Time> date; ///< HTTP's own header
};

/// What `said` means, decoded by `decode`: an envelope counts before HTTP's status. Without one: refused (401, 403), unsupported (404, 405, 501),
/// busy (other than 2xx).
Error error_of_status(const Said& said);
template <class Value>
Result<Value> understood(const Said& said, Result<Value> (*decode)(std::string_view)) {
    auto value = decode(said.body);
    if (value || value.error().fault() != Fault::malformed || said.status / 100 == 2) return value;
    return error_of_status(said);
}

class DeviceApi {
public:
    /// `with_account` answers challenges, `bare` none, so that a password goes one way only. All outlive it. At first nobody logs in.
    DeviceApi(net::HttpClient& bare, net::HttpClient& with_account, Surroundings surroundings, const DeviceInfo& device)
        : bare_(bare), with_account_(with_account), around_(surroundings), device_(device) {}

    /// Faults: the client's own (unreachable, timed_out, malformed, full).
    Task<Result<Said>> ask(Asked asked);

    void log_in_by(LogIn way) { way_ = way; }
    LogIn way() const { return way_; }
    /// The device's clock minus ours, for tokens.
    void set_clock_offset(Duration offset) { offset_ = offset; }

    /// "http://host:port/path", as the device's own addresses look.
    std::string address_of(const std::string& path) const;

private:
    net::HttpClient& bare_;
    net::HttpClient& with_account_;
    Surroundings around_;
    const DeviceInfo& device_;
    LogIn way_ = LogIn::none;
    Duration offset_{0};
};

} // namespace gatehouse::drivers::onvif
