// SPDX-License-Identifier: Apache-2.0
//
// A certificate authority for one test, and what it signs, made with the openssl command. EC keys: they are made in
// milliseconds. A second Certificates is a stranger whom nobody trusts.
#pragma once

#include <filesystem>
#include <string>

namespace gatehouse::harness {

class Certificates {
public:
    /// Makes the authority in `folder` (created).
    explicit Certificates(const std::filesystem::path& folder, const std::string& name = "Gatehouse Test CA");

    struct Pair {
        std::filesystem::path certificate, key; // PEM
    };
    /// For 127.0.0.1, localhost and `name`.
    /// Negative days: expired before it was made.
    Pair server(const std::string& name, int days = 30);
    /// For `name` and nothing else.
    Pair server_elsewhere(const std::string& name);
    /// Common name = `name`. Negative days: expired before it was made.
    Pair client(const std::string& name, int days = 30);

    const std::filesystem::path& authority() const { return authority_; }

private:
    Pair sign(const std::string& name, const std::string& extension, int days);
    std::filesystem::path folder_, authority_, key_;
};

} // namespace gatehouse::harness
