// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/digest.hpp"

#include "daemon/base/text.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdio>

namespace gatehouse::net {

namespace {

constexpr std::size_t challenge_bytes_max = 4096;

struct Parameter {
    std::string name; ///< lower-case
    std::string value;
};
struct Challenge {
    std::string scheme; ///< lower-case
    std::vector<Parameter> parameters;

    const std::string* find(std::string_view name) const {
        for (const auto& each : parameters)
            if (each.name == name) return &each.value;
        return nullptr;
    }
};

bool is_token(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// One header may hold several challenges, and commas separate both challenges and their parameters: a token without '=' after it
// starts the next one.
class ChallengeReader {
public:
    explicit ChallengeReader(std::string_view text) : text_(text) {}

    std::vector<Challenge> all() {
        std::vector<Challenge> found;
        while (skip_separators(), at_ < text_.size()) {
            const auto word = token();
            if (word.empty()) break;
            skip_blanks();
            if (at_ < text_.size() && text_[at_] == '=' && !found.empty()) {
                ++at_;
                skip_blanks();
                found.back().parameters.push_back(Parameter{lower(word), value()});
            } else {
                found.push_back(Challenge{lower(word), {}});
            }
        }
        return found;
    }

private:
    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    }
    void skip_separators() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == ',')) ++at_;
    }
    std::string_view token() {
        const auto from = at_;
        while (at_ < text_.size() && is_token(text_[at_])) ++at_;
        return text_.substr(from, at_ - from);
    }
    std::string value() {
        if (at_ >= text_.size() || text_[at_] != '"') {
            const auto from = at_;
            while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != ' ') ++at_;
            return std::string(text_.substr(from, at_ - from));
        }
        std::string text;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
            text += text_[at_];
        }
        if (at_ < text_.size()) ++at_;
        return text;
    }
    std::string_view text_;
    std::size_t at_ = 0;
};

bool offers_auth(std::string_view qop) {
    while (!qop.empty()) {
        const auto comma = qop.find(',');
        if (same_but_case(trimmed(qop.substr(0, comma)), "auth")) return true;
        qop = comma == std::string_view::npos ? std::string_view() : qop.substr(comma + 1);
    }
    return false;
}

std::optional<DigestChallenge> understood(const Challenge& offered) {
    if (offered.scheme != "digest") return {};
    const auto* realm = offered.find("realm");
    const auto* nonce = offered.find("nonce");
    if (!realm || !nonce) return {};
    DigestChallenge challenge;
    challenge.realm = *realm;
    challenge.nonce = *nonce;
    if (const auto* opaque = offered.find("opaque")) challenge.opaque = *opaque;
    if (const auto* stale = offered.find("stale")) challenge.stale = same_but_case(*stale, "true");
    if (const auto* qop = offered.find("qop")) {
        if (!offers_auth(*qop)) return {};
        challenge.has_qop = true;
    }
    if (const auto* algorithm = offered.find("algorithm")) {
        challenge.algorithm_text = *algorithm; // one of four words, or we return below
        std::string plain = lower(*algorithm);
        if (plain.ends_with("-sess")) {
            challenge.is_session = true;
            plain.resize(plain.size() - 5);
        }
        if (plain == "sha-256") {
            challenge.algorithm = DigestChallenge::Algorithm::sha256;
        } else if (plain != "md5") {
            return {};
        }
    }
    return challenge;
}

std::string hashed(DigestChallenge::Algorithm algorithm, std::initializer_list<std::string_view> joined_by_colons) {
    std::string text;
    for (const auto* part = joined_by_colons.begin(); part != joined_by_colons.end(); ++part) {
        if (part != joined_by_colons.begin()) text += ':';
        text += *part;
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const int done =
        EVP_Digest(text.data(), text.size(), digest.data(), &size, algorithm == DigestChallenge::Algorithm::md5 ? EVP_md5() : EVP_sha256(), nullptr);
    expects(done == 1, "OpenSSL knows MD5 and SHA-256");
    return to_hex(ByteView(digest).first(size));
}

std::string eight_hex_digits(std::uint32_t nc) {
    std::array<char, 9> text{};
    std::snprintf(text.data(), text.size(), "%08x", nc);
    return text.data();
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c != '\r' && c != '\n') out += c;
    }
    return out + '"';
}

} // namespace

std::optional<DigestChallenge> digest_challenge(const Headers& response) {
    std::optional<DigestChallenge> best;
    for (const auto& [name, value] : response) {
        if (!same_but_case(name, "WWW-Authenticate") || value.size() > challenge_bytes_max) continue;
        for (const auto& offered : ChallengeReader(value).all()) {
            auto challenge = understood(offered);
            if (!challenge) continue;
            if (!best || (best->algorithm == DigestChallenge::Algorithm::md5 && challenge->algorithm == DigestChallenge::Algorithm::sha256))
                best = std::move(challenge);
        }
    }
    return best;
}

std::string digest_response(const DigestChallenge& challenge, const Credentials& credentials, std::string_view method, std::string_view uri,
                            std::uint32_t nc, std::string_view cnonce) {
    const auto algorithm = challenge.algorithm;
    std::string secret = hashed(algorithm, {credentials.username, challenge.realm, credentials.password});
    if (challenge.is_session) secret = hashed(algorithm, {secret, challenge.nonce, cnonce});
    const std::string act = hashed(algorithm, {method, uri});
    if (!challenge.has_qop) return hashed(algorithm, {secret, challenge.nonce, act});
    return hashed(algorithm, {secret, challenge.nonce, eight_hex_digits(nc), cnonce, "auth", act});
}

std::string digest_authorization(const DigestChallenge& challenge, const Credentials& credentials, std::string_view method, std::string_view uri,
                                 std::uint32_t nc, std::string_view cnonce) {
    std::string value = "Digest username=" + quoted(credentials.username) + ", realm=" + quoted(challenge.realm) +
                        ", nonce=" + quoted(challenge.nonce) + ", uri=" + quoted(uri) + ", response=\"" +
                        digest_response(challenge, credentials, method, uri, nc, cnonce) + '"';
    if (!challenge.algorithm_text.empty()) value += ", algorithm=" + challenge.algorithm_text;
    if (challenge.has_qop)
        value += ", qop=auth, nc=" + eight_hex_digits(nc) + ", cnonce=" + quoted(cnonce);
    else if (challenge.is_session)
        value += ", cnonce=" + quoted(cnonce);
    if (!challenge.opaque.empty()) value += ", opaque=" + quoted(challenge.opaque);
    return value;
}

std::string password_digest(ByteView nonce, std::string_view created, std::string_view password) {
    std::string text(as_text(nonce));
    text += created;
    text += password;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    expects(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1, "OpenSSL knows SHA-1");
    return to_base64(ByteView(digest).first(size));
}

} // namespace gatehouse::net
