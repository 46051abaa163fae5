// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/web/digest.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <openssl/evp.h>

namespace gatehouse::simulators::web {

std::string md5_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
    unsigned int bytes = 0;
    EVP_Digest(text.data(), text.size(), sum.data(), &bytes, EVP_md5(), nullptr);
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (unsigned int i = 0; i < bytes; ++i) {
        hex += digits[sum[i] >> 4];
        hex += digits[sum[i] & 15];
    }
    return hex;
}

std::string digest_response(std::string_view user, std::string_view realm, std::string_view password, std::string_view method, std::string_view uri,
                            std::string_view nonce, std::string_view nc, std::string_view cnonce, std::string_view qop) {
    auto join = [](auto... parts) {
        std::string all;
        ((all += parts, all += ':'), ...);
        all.pop_back();
        return all;
    };
    return md5_hex(join(md5_hex(join(user, realm, password)), nonce, nc, cnonce, qop, md5_hex(join(method, uri))));
}

std::map<std::string, std::string> parse_digest(std::string_view header) {
    std::map<std::string, std::string> out;
    if (header.size() < 7) return out;
    std::string scheme(header.substr(0, 7));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (scheme != "digest ") return out;
    std::size_t at = 7;
    while (at < header.size()) {
        while (at < header.size() && (header[at] == ' ' || header[at] == ',' || header[at] == '\t')) ++at;
        auto equals = header.find('=', at);
        if (equals == std::string_view::npos) break;
        std::string name(header.substr(at, equals - at));
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        at = equals + 1;
        std::string value;
        if (at < header.size() && header[at] == '"') {
            for (++at; at < header.size() && header[at] != '"'; ++at) {
                if (header[at] == '\\' && at + 1 < header.size()) ++at;
                value += header[at];
            }
            ++at;
        } else {
            while (at < header.size() && header[at] != ',' && header[at] != ' ') value += header[at++];
        }
        out[name] = value;
    }
    return out;
}

DigestGate::Verdict DigestGate::count_wrong(double now_s) {
    ++wrong_total_;
    if (++wrong_tries_ >= wrong_tries_max) {
        locked_until_s_ = now_s + rules_.lock_s;
        wrong_tries_ = 0;
        return Verdict::locked;
    }
    return Verdict::wrong;
}

DigestGate::Verdict DigestGate::judge(std::string_view header, std::string_view method, std::string_view target, double now_s) {
    if (is_locked(now_s)) return Verdict::locked;
    if (header.empty()) return Verdict::challenge;
    auto said = parse_digest(header);
    if (said.empty()) return count_wrong(now_s); // Basic, or nonsense
    bool fits =
        said["username"] == rules_.user && said["realm"] == rules_.realm && said["uri"] == target && said["qop"] == "auth" &&
        said["nc"].size() == 8 &&
        said["response"] == digest_response(rules_.user, rules_.realm, rules_.password, method, target, said["nonce"], said["nc"], said["cnonce"]);
    if (!fits || refuses_password_) return count_wrong(now_s);
    auto nonce = nonces_.find(said["nonce"]);
    if (nonce == nonces_.end() || now_s - nonce->second.made_s > rules_.nonce_life_s) return Verdict::stale;
    auto count = static_cast<std::uint32_t>(std::strtoul(said["nc"].c_str(), nullptr, 16));
    // A count seen before is a replay: the right password, so no wrong try, but no entry either.
    if (count <= nonce->second.highest_count) return Verdict::stale;
    nonce->second.highest_count = count;
    wrong_tries_ = 0;
    return Verdict::let_in;
}

std::string DigestGate::challenge(bool stale, double now_s) {
    ++challenges_total_;
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string nonce;
    for (int i = 0; i < 40; ++i) nonce += digits[random_() & 15];
    if (nonces_.size() >= nonces_max) {
        auto oldest = std::min_element(nonces_.begin(), nonces_.end(), [](auto& a, auto& b) { return a.second.made_s < b.second.made_s; });
        nonces_.erase(oldest);
    }
    nonces_[nonce] = Nonce{.made_s = now_s, .highest_count = 0};
    return "Digest qop=\"auth\", realm=\"" + rules_.realm + "\", nonce=\"" + nonce + "\", stale=\"" + (stale ? "TRUE" : "FALSE") + "\"";
}

int DigestGate::unlock_in_s(double now_s) const { return is_locked(now_s) ? static_cast<int>(std::ceil(locked_until_s_ - now_s)) : 0; }

} // namespace gatehouse::simulators::web
