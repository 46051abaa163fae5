// SPDX-License-Identifier: Apache-2.0
//
// Secrets come from systemd credentials, or from files that nobody else may read; never from the settings themselves.
#pragma once

#include "config/settings.hpp"
#include "daemon/base/result.hpp"

#include <map>

namespace gatehouse::config {

constexpr std::size_t secret_bytes_max = 4096;
/// What systemd puts before the names of files that it loads from a directory: LoadCredential=secret:DIRECTORY.
constexpr std::string_view credential_prefix = "secret_";

/// Where names without a path are looked for, in this order. Empty: not there.
struct SecretPlaces {
    std::string credentials_directory; ///< systemd's $CREDENTIALS_DIRECTORY
    std::string own_directory;         ///< e.g. /etc/gatehouse/credentials: files of mode 0600
};

/// The secret behind a credential's name or an absolute path, without the line break at its end. A file outside systemd's directory
/// that others may read (mode wider than 0600) or that is no plain file: Fault::refused naming file and mode. Not there: Fault::gone.
Result<std::string> read_secret(const std::string& name, const SecretPlaces& places);

/// That nobody but its owner can read or write `file`.
Done check_private(const std::string& file);

/// Every secret that the settings name, by its name; or a flaw for each that can't be had, private keys of TLS included.
struct Secrets {
    std::map<std::string, std::string> by_name;
    std::vector<Flaw> flaws; ///< without lines: the fault lies in files beside the settings
};
Secrets read_secrets(const Settings& settings, const SecretPlaces& places);

} // namespace gatehouse::config
