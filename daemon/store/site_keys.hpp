// SPDX-License-Identifier: Apache-2.0
//
// The site's four keys as one file: 128 bytes in hex, mode 0600, made at the first start.
#pragma once

#include "daemon/base/entropy.hpp"
#include "daemon/store/files.hpp"
#include "daemon/store/store.hpp"

namespace gatehouse::store {

/// Where they lie.
std::string site_keys_file(const std::string& folder);

/// From `folder`/site.key, which is made when missing. Fault::damaged: it is there and unreadable, and nothing new is made in its place,
/// since that would lose every picture.
Result<SiteKeys> load_or_make_site_keys(const std::string& folder, Entropy& entropy, Files& files);

/// The file's text, e.g. for a systemd credential; and back.
std::string site_keys_text(const SiteKeys& keys);
Result<SiteKeys> parse_site_keys(std::string_view text);

/// The first 8 bytes of a key's derivation, in hex: says which key, gives nothing away. For manifests.
std::string fingerprint(const Key& key);

} // namespace gatehouse::store
