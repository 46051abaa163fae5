// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/crypto.hpp"

#include "daemon/base/expects.hpp"

#include <sodium.h>

namespace gatehouse {

void start_crypto() { expects(sodium_init() >= 0, "libsodium starts"); }

void SystemEntropy::fill(std::span<std::uint8_t> bytes) { randombytes_buf(bytes.data(), bytes.size()); }

std::uint64_t keyed_hash(const Key& key, ByteView bytes) {
    static_assert(crypto_shorthash_KEYBYTES <= sizeof(Key) && crypto_shorthash_BYTES == 8);
    std::array<std::uint8_t, crypto_shorthash_BYTES> out{};
    crypto_shorthash(out.data(), bytes.data(), bytes.size(), key.data());
    return u64_be(out);
}

Key derive_key(const Key& root, std::string_view purpose) {
    Key derived{};
    const auto name = as_bytes(purpose);
    expects(crypto_generichash(derived.data(), derived.size(), name.data(), name.size(), root.data(), root.size()) == 0, "BLAKE2b derives keys");
    return derived;
}

Bytes seal_secret(const Key& key, ByteView plain, ByteView bound_to, Entropy& entropy) {
    constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    Bytes sealed(nonce_bytes + plain.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
    entropy.fill(std::span(sealed).first(nonce_bytes));
    unsigned long long written = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + nonce_bytes, &written, plain.data(), plain.size(), bound_to.data(), bound_to.size(),
                                               nullptr, sealed.data(), key.data());
    sealed.resize(nonce_bytes + written);
    return sealed;
}

Result<Bytes> open_secret(const Key& key, ByteView sealed, ByteView bound_to) {
    constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    constexpr std::size_t around_bytes = nonce_bytes + crypto_aead_xchacha20poly1305_ietf_ABYTES;
    if (sealed.size() < around_bytes) return Error(Fault::damaged, "sealed bytes shorter than their frame");
    Bytes plain(sealed.size() - around_bytes);
    unsigned long long written = 0;
    const auto cipher = sealed.subspan(nonce_bytes);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), &written, nullptr, cipher.data(), cipher.size(), bound_to.data(), bound_to.size(),
                                                   sealed.data(), key.data()) != 0)
        return Error(Fault::damaged, "sealed bytes do not open with this key");
    return plain;
}

SigningKey::SigningKey(const Key& seed) {
    static_assert(crypto_sign_SEEDBYTES == sizeof(Key) && crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_BYTES == sizeof(Signature));
    crypto_sign_seed_keypair(public_key_.data(), secret_.data(), seed.data());
}

Signature SigningKey::sign(ByteView message) const {
    Signature signature{};
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_.data());
    return signature;
}

bool signature_fits(const PublicKey& key, ByteView message, const Signature& signature) {
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

void wipe(std::span<std::uint8_t> bytes) { sodium_memzero(bytes.data(), bytes.size()); }

} // namespace gatehouse
