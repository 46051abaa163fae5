// SPDX-License-Identifier: Apache-2.0
//
// WWW-Authenticate values, one a line: what we answer is what a device understands (the simulator's own reader and digest).
#include "daemon/net/digest.hpp"
#include "tests/fuzz/pieces.hpp"
#include "tests/simulators/web/digest.hpp"

namespace gatehouse::fuzz {

void digest(std::string_view bytes) {
    constexpr std::string_view method = "GET", uri = "/ISAPI/System/deviceInfo?format=json", cnonce = "0a4f113b";
    net::Headers headers;
    while (!bytes.empty()) headers.emplace_back("WWW-Authenticate", std::string(first_line(bytes)));
    const auto challenge = net::digest_challenge(headers);
    if (!challenge) return;
    const net::Credentials credentials{"admin", "Gate-2024!"};
    const auto value = net::digest_authorization(*challenge, credentials, method, uri, 1, cnonce);
    must_hold(value.find_first_of("\r\n") == std::string::npos, "an answer is one line");
    auto said = simulators::web::parse_digest(value);
    const auto without_line_ends = [](std::string text) {
        std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
        return text;
    };
    must_hold(said["username"] == "admin" && said["uri"] == uri, "a device reads who asks for what");
    must_hold(said["realm"] == without_line_ends(challenge->realm) && said["nonce"] == without_line_ends(challenge->nonce),
              "a device reads its own realm and nonce");
    if (!challenge->opaque.empty()) must_hold(said["opaque"] == without_line_ends(challenge->opaque), "a device reads its own opaque value");
    const bool is_plain = challenge->algorithm == net::DigestChallenge::Algorithm::md5 && !challenge->is_session && challenge->has_qop;
    if (!is_plain) return;
    must_hold(said["response"] ==
                  simulators::web::digest_response("admin", challenge->realm, "Gate-2024!", method, uri, challenge->nonce, "00000001", cnonce),
              "both compute the same response");
}

} // namespace gatehouse::fuzz
