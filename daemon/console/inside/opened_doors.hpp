// SPDX-License-Identifier: Apache-2.0
//
// Idempotency-Key of door commands (draft-ietf-httpapi-idempotency-key-header): the same key of the same caller within ten seconds opens
// once, however often a nervous network repeats the request. In memory: a restart forgets, and a command lives ten seconds at most.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/net/http.hpp"

#include <map>
#include <optional>
#include <string>

namespace gatehouse::console::inside {

constexpr std::size_t opened_keys_max = 256;
constexpr std::size_t idempotency_key_bytes_max = 64;
constexpr Duration opened_remembered = std::chrono::seconds(10);

/// 1 to 64 printable ASCII characters.
bool is_idempotency_key(std::string_view key);

class OpenedDoors {
public:
    enum class Met {
        first,     ///< go on, and tell answered() or forget()
        under_way, ///< the first one has no answer yet
        repeated,  ///< `answer` is the first one's
        other,     ///< the key stood for another door
        full       ///< more keys than are remembered: nothing is opened without being remembered
    };
    struct Meeting {
        Met met = Met::first;
        net::HttpResponse answer;
    };
    /// `who` and `key` together name the request, `what` its content.
    Meeting meet(const std::string& who, const std::string& key, const std::string& what, Instant now);
    void answered(const std::string& who, const std::string& key, const net::HttpResponse& answer);

private:
    struct Opened {
        std::string what;
        Instant at{};
        std::optional<net::HttpResponse> answer;
    };
    std::map<std::pair<std::string, std::string>, Opened> opened_;
};

} // namespace gatehouse::console::inside
