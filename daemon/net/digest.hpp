// SPDX-License-Identifier: Apache-2.0
//
// HTTP digest authentication, client side (RFC 7616; RFC 2069 where a device offers no qop): challenge in, Authorization out, no I/O.
// Basic is never used. And the digest that SOAP devices take.
#pragma once

#include "daemon/net/http.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::net {

struct DigestChallenge {
    enum class Algorithm { md5, sha256 };
    std::string realm;
    std::string nonce;
    std::string opaque;
    std::string algorithm_text; ///< as the server wrote it; empty: it did not (MD5)
    Algorithm algorithm = Algorithm::md5;
    bool is_session = false; ///< the -sess form
    bool has_qop = false;    ///< qop="auth" is offered
    bool stale = false;
};

/// The strongest Digest challenge in the WWW-Authenticate headers that we can answer (SHA-256 before MD5); none: Basic, auth-int only,
/// unknown algorithms, damaged.
std::optional<DigestChallenge> digest_challenge(const Headers& response);

/// The `response` value. `nc` is 1 for the nonce's first use; `cnonce` is lower-case hex or other token text.
std::string digest_response(const DigestChallenge& challenge, const Credentials& credentials, std::string_view method, std::string_view uri,
                            std::uint32_t nc, std::string_view cnonce);

/// The whole Authorization value.
std::string digest_authorization(const DigestChallenge& challenge, const Credentials& credentials, std::string_view method, std::string_view uri,
                                 std::uint32_t nc, std::string_view cnonce);

/// The same end without a challenge: WS-Security UsernameToken Profile 1.0, 3.1: Base64(SHA1(nonce + created + password)), the nonce as its bytes.
std::string password_digest(ByteView nonce, std::string_view created, std::string_view password);

} // namespace gatehouse::net
