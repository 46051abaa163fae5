// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/site_keys.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::store {

namespace {
constexpr std::string_view heading = "gatehouse-site-keys-1 ";
constexpr std::size_t key_file_bytes_max = 1024;
} // namespace

std::string site_keys_text(const SiteKeys& keys) {
    return std::string(heading) + to_hex(keys.hash) + to_hex(keys.picture) + to_hex(keys.field) + to_hex(keys.signing_seed) + "\n";
}

Result<SiteKeys> parse_site_keys(std::string_view text) {
    text = trimmed(text);
    if (!text.starts_with(heading)) return Error(Fault::damaged, "no site keys");
    auto bytes = array_from_hex<128>(text.substr(heading.size()));
    if (!bytes) return Error(Fault::damaged, "site keys: " + bytes.error().what());
    SiteKeys keys;
    const auto* at = bytes->data();
    for (Key* key : {&keys.hash, &keys.picture, &keys.field, &keys.signing_seed}) {
        std::copy_n(at, key->size(), key->begin());
        at += key->size();
    }
    wipe(*bytes);
    return keys;
}

std::string site_keys_file(const std::string& folder) { return folder + "/site.key"; }

Result<SiteKeys> load_or_make_site_keys(const std::string& folder, Entropy& entropy, Files& files) {
    const auto path = site_keys_file(folder);
    auto bytes = files.read(path, key_file_bytes_max);
    if (bytes) {
        auto keys = parse_site_keys(as_text(*bytes));
        if (!keys) return std::move(keys).error().during(path);
        return keys;
    }
    if (bytes.error().fault() != Fault::gone) return std::move(bytes).error();
    if (auto made = files.make_folder(folder); !made) return std::move(made).error();
    SiteKeys keys;
    for (Key* key : {&keys.hash, &keys.picture, &keys.field, &keys.signing_seed}) entropy.fill(*key);
    if (auto written = files.write(path, as_bytes(site_keys_text(keys))); !written) return std::move(written).error();
    return keys;
}

std::string fingerprint(const Key& key) {
    const auto derived = derive_key(key, "fingerprint");
    return to_hex(ByteView(derived).first(8));
}

} // namespace gatehouse::store
