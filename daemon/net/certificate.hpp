// SPDX-License-Identifier: Apache-2.0
//
// What stands in a certificate file, for `check`: connections read their files themselves. Reads small local files; any thread.
#pragma once

#include "daemon/base/clock.hpp"

#include <string>

namespace gatehouse::net {

struct Certificate {
    std::string name; ///< common name of the subject, UTF-8; may be empty
    Time from, until; ///< RFC 5280, 4.1.2.5: valid from the one to the other
};

/// The first certificate of a PEM file. Fault::gone: no such file, or we may not read it; Fault::malformed: no certificate in it.
Result<Certificate> read_certificate(const std::string& file);

/// Whether the private key (PEM, without a passphrase) is the certificate's. Faults as above; Fault::refused: it is another one's.
Done check_key(const std::string& certificate_file, const std::string& key_file);

} // namespace gatehouse::net
