// SPDX-License-Identifier: Apache-2.0
// The device's side of HTTP Digest (RFC 2617/7616, MD5, qop=auth) with the lock-out of the real devices: after
// `wrong_tries_max` wrong answers in a row the account is shut for `lock_s` seconds, for the right password as well.
// One thread. Time comes in as seconds from any monotonic clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>

namespace gatehouse::simulators::web {

// Lower-case hex of MD5 over `text`.
std::string md5_hex(std::string_view text);

// What a client has to send as `response`.
std::string digest_response(std::string_view user, std::string_view realm, std::string_view password, std::string_view method, std::string_view uri,
                            std::string_view nonce, std::string_view nc, std::string_view cnonce, std::string_view qop = "auth");

// The parameters of an `Authorization: Digest ...` header, names in lower case, quotes taken off.
std::map<std::string, std::string> parse_digest(std::string_view header);

class DigestGate {
public:
    static constexpr int wrong_tries_max = 5;
    static constexpr std::size_t nonces_max = 256;

    struct Rules {
        std::string user = "admin";
        std::string password = "Gate-2024!";
        std::string realm = "IP Camera(F1234)";
        double nonce_life_s = 3600;
        double lock_s = 1800;
    };

    enum class Verdict { let_in, challenge, stale, wrong, locked };

    DigestGate(Rules rules, std::uint64_t seed) : rules_(std::move(rules)), random_(seed) {}

    // `header` is the Authorization value, empty when there was none.
    Verdict judge(std::string_view header, std::string_view method, std::string_view target, double now_s);

    // A WWW-Authenticate value with a fresh nonce.
    std::string challenge(bool stale, double now_s);

    // Every nonce handed out so far is stale from now on (what a reboot or an hour does).
    void age_nonces() { nonces_.clear(); }
    // On: every answer counts as wrong, as though somebody had changed the password at the device.
    void refuse_password(bool on) { refuses_password_ = on; }
    void set_password(std::string password) { rules_.password = std::move(password); }
    void unlock() { wrong_tries_ = 0, locked_until_s_ = -1; }
    void forget_user() { age_nonces(), unlock(); }

    bool is_locked(double now_s) const { return now_s < locked_until_s_; }
    int unlock_in_s(double now_s) const;
    int tries_left() const { return wrong_tries_max - wrong_tries_; }
    std::uint64_t wrong_total() const { return wrong_total_; }
    std::uint64_t challenges_total() const { return challenges_total_; }
    const Rules& rules() const { return rules_; }

private:
    struct Nonce {
        double made_s;
        std::uint32_t highest_count;
    };

    Verdict count_wrong(double now_s);

    Rules rules_;
    std::mt19937_64 random_;
    std::map<std::string, Nonce, std::less<>> nonces_;
    int wrong_tries_ = 0;
    double locked_until_s_ = -1;
    bool refuses_password_ = false;
    std::uint64_t wrong_total_ = 0;
    std::uint64_t challenges_total_ = 0;
};

} // namespace gatehouse::simulators::web
