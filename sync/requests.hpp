// SPDX-License-Identifier: Apache-2.0
//
// What a platform asks for (README.md, W11): signed, at most 10 s old, each id once. Bytes in, values out.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/json.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::sync {

constexpr std::size_t request_bytes_max = 256 * 1024;
constexpr auto request_age_max = std::chrono::seconds(10);
constexpr std::size_t request_ids_max = 10'000;
constexpr std::size_t request_keys_max = 8;

struct Request {
    std::string id;
    std::string verb;
    std::string args_text; ///< as it stands in the payload: part of what is signed
    json::object args;
    std::string issued_at_text, expires_at_text;
    Time issued_at{}, expires_at{};
    Signature signature{};
};

Result<Request> parse_request(std::string_view payload);

/// What is signed.
std::string request_statement(const Request& request, std::string_view gateway);

/// The text of an object's member exactly as it stands; none when it is not there. `object` has been parsed as JSON already.
std::optional<std::string_view> raw_member(std::string_view object, std::string_view name);

/// Lets a request through once: signature, age, clock, not before this process, id not seen. Fault::refused says why not.
class RequestGate {
public:
    /// `keys`: any of them may have signed; none: nothing is let through.
    RequestGate(std::string gateway, std::vector<PublicKey> keys, Time process_started)
        : gateway_(std::move(gateway)), keys_(std::move(keys)), started_(process_started) {}
    Done admit(const Request& request, Time now, ClockQuality quality);

private:
    std::string gateway_;
    std::vector<PublicKey> keys_;
    Time started_;
    std::map<std::string, Time> seen_; ///< id to when it may be forgotten
};

std::string answer_with(const std::string& id, json::value result);
std::string answer_with(const std::string& id, const Error& error);

} // namespace gatehouse::sync
