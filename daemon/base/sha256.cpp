// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/sha256.hpp"

#include "daemon/base/expects.hpp"

#include <openssl/evp.h>

namespace gatehouse {

struct Sha256::Inside {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    Inside() { expects(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1, "OpenSSL has SHA-256"); }
    ~Inside() { EVP_MD_CTX_free(context); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
};

Sha256::Sha256() : inside_(std::make_unique<Inside>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::add(ByteView bytes) {
    expects(EVP_DigestUpdate(inside_->context, bytes.data(), bytes.size()) == 1, "SHA-256 takes bytes");
    return *this;
}

Digest Sha256::finish() {
    Digest digest{};
    unsigned int length = 0;
    expects(EVP_DigestFinal_ex(inside_->context, digest.data(), &length) == 1 && length == digest.size(), "SHA-256 gives 32 bytes");
    return digest;
}

Digest sha256(ByteView bytes) { return Sha256().add(bytes).finish(); }

} // namespace gatehouse
