// SPDX-License-Identifier: Apache-2.0
//
// Signed requests of a platform (sync/README.md W11), and the wrong ones that a gateway must refuse.
#pragma once

#include <boost/json.hpp>

#include <array>
#include <chrono>
#include <string>

namespace gatehouse::simulators::platform {

class RequestSigner {
public:
    /// `seed_hex`: 32 bytes; empty: of chance.
    RequestSigner(std::string gateway, const std::string& seed_hex);

    /// What the gateway pins, base64.
    const std::string& public_key() const { return public_key_; }

    struct Wish {
        std::string id, verb;
        boost::json::object args;
        /// good, forged (another key), tampered (args changed after signing), unsigned, expired, too_old, malformed, replayed (the last one again)
        std::string how = "good";
        std::chrono::milliseconds life = std::chrono::seconds(10);
    };
    std::string sign(const Wish& wish, std::chrono::system_clock::time_point now);

private:
    std::string gateway_;
    std::array<unsigned char, 64> secret_{};
    std::string public_key_, last_;
};

} // namespace gatehouse::simulators::platform
