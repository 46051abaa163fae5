// SPDX-License-Identifier: Apache-2.0
//
// What libsodium does for us, and its only owner: random bytes, keyed 64-bit hashes, authenticated encryption, Ed25519.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/entropy.hpp"

#include <array>

namespace gatehouse {

using Key = std::array<std::uint8_t, 32>;

/// Once per process, before anything else here. Ends the process if libsodium cannot start.
void start_crypto();

/// SipHash-2-4 under the first 16 bytes of `key`: a 64-bit keyed hash, so that indexes hold no text and two sites' hashes do not join.
std::uint64_t keyed_hash(const Key& key, ByteView bytes);
inline std::uint64_t keyed_hash(const Key& key, std::string_view text) { return keyed_hash(key, as_bytes(text)); }

/// A key for one purpose derived from a root key (BLAKE2b, keyed, over the purpose's name).
Key derive_key(const Key& root, std::string_view purpose);

/// XChaCha20-Poly1305: nonce(24) + ciphertext + tag(16). `bound_to` is authenticated, not stored.
Bytes seal_secret(const Key& key, ByteView plain, ByteView bound_to, Entropy& entropy);
/// Fault::damaged when key, binding or bytes do not fit.
Result<Bytes> open_secret(const Key& key, ByteView sealed, ByteView bound_to);

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

/// Ed25519 (RFC 8032), made from a 32-byte seed.
class SigningKey {
public:
    explicit SigningKey(const Key& seed);
    Signature sign(ByteView message) const;
    Signature sign(std::string_view message) const { return sign(as_bytes(message)); }
    const PublicKey& public_key() const { return public_key_; }

private:
    PublicKey public_key_{};
    std::array<std::uint8_t, 64> secret_{};
};

bool signature_fits(const PublicKey& key, ByteView message, const Signature& signature);
inline bool signature_fits(const PublicKey& key, std::string_view message, const Signature& s) { return signature_fits(key, as_bytes(message), s); }

/// Overwrites, and is not optimised away.
void wipe(std::span<std::uint8_t> bytes);

} // namespace gatehouse
