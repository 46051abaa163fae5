// SPDX-License-Identifier: Apache-2.0
//
// A throw-away authority and a server certificate for "gate.example", as PEM files in a folder.
#pragma once

#include <string>

namespace gatehouse::net {

struct Certificates {
    explicit Certificates(const std::string& folder);
    std::string ca_certificate;
    std::string server_certificate;
    std::string server_key;
    std::string server_sha256;
    std::string other_key;
};

} // namespace gatehouse::net
