// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/onvif/accounts.hpp"

#include "tests/simulators/cameras/onvif/time_text.hpp"
#include "tests/simulators/web/digest.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace gatehouse::simulators::cameras::onvif {
namespace {

std::string from_base64(std::string_view text) {
    std::string bytes(text.size(), '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
    if (size < 0) return {};
    bytes.resize(static_cast<std::size_t>(size));
    for (auto at = text.rbegin(); at != text.rend() && *at == '=' && !bytes.empty(); ++at) bytes.pop_back();
    return bytes;
}

bool holds(const std::deque<std::string>& all, const std::string& one) { return std::find(all.begin(), all.end(), one) != all.end(); }

void remember(std::deque<std::string>& all, std::string one) {
    all.push_back(std::move(one));
    if (all.size() > Accounts::nonces_max) all.pop_front();
}

} // namespace

std::string password_digest(std::string_view nonce_raw, std::string_view created, std::string_view password) {
    const std::string all = std::string(nonce_raw) + std::string(created) + std::string(password);
    std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
    unsigned int bytes = 0;
    EVP_Digest(all.data(), all.size(), sum.data(), &bytes, EVP_sha1(), nullptr);
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> text{};
    const int size = EVP_EncodeBlock(text.data(), sum.data(), static_cast<int>(bytes));
    return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

Accounts::Accounts(Rules rules, std::string user, std::string password, std::uint64_t seed) : rules_(std::move(rules)), random_(seed) {
    passwords_[std::move(user)] = std::move(password);
}

Accounts::Verdict Accounts::wrong(double now_s) {
    note(false, now_s);
    return is_locked(now_s) ? Verdict::locked : Verdict::wrong;
}

void Accounts::note(bool was_right, double now_s) {
    if (was_right) {
        wrong_tries_ = 0;
        return;
    }
    ++wrong_total_;
    if (is_locked(now_s)) return;
    if (++wrong_tries_ < rules_.wrong_tries_max) return;
    wrong_tries_ = 0;
    lock(now_s);
}

Accounts::Verdict Accounts::judge(const UsernameToken& token, control::RealTime camera_now, double now_s) {
    if (is_locked(now_s)) return Verdict::locked;
    const auto known = passwords_.find(token.user);
    if (known == passwords_.end()) return wrong(now_s);
    if (!token.is_digest) {
        if (token.password != known->second) return wrong(now_s);
    } else {
        if (password_digest(from_base64(token.nonce), token.created, known->second) != token.password) return wrong(now_s);
        const auto created = read_time(token.created);
        if (!created || std::abs(std::chrono::duration<double>(*created - camera_now).count()) > rules_.window_s) return Verdict::wrong_time;
        if (holds(seen_nonces_, token.nonce)) return Verdict::wrong_time; // overheard and sent again
        remember(seen_nonces_, token.nonce);
    }
    note(true, now_s);
    return Verdict::let_in;
}

Accounts::Verdict Accounts::judge_http(std::string_view header, std::string_view method, std::string_view target, double now_s) {
    if (is_locked(now_s)) return Verdict::locked;
    auto said = web::parse_digest(header);
    if (said.empty()) return Verdict::nobody;
    const auto known = passwords_.find(said["username"]);
    if (known == passwords_.end() || said["realm"] != rules_.realm || said["uri"] != target ||
        said["response"] !=
            web::digest_response(known->first, rules_.realm, known->second, method, target, said["nonce"], said["nc"], said["cnonce"]))
        return wrong(now_s);
    if (!holds(given_nonces_, said["nonce"])) return Verdict::nobody; // stale: ask again
    note(true, now_s);
    return Verdict::let_in;
}

std::string Accounts::challenge() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string nonce;
    for (int i = 0; i < 32; ++i) nonce += digits[random_() & 15];
    remember(given_nonces_, nonce);
    return "Digest realm=\"" + rules_.realm + "\", qop=\"auth\", algorithm=MD5, nonce=\"" + nonce + "\"";
}

} // namespace gatehouse::simulators::cameras::onvif
