// SPDX-License-Identifier: Apache-2.0
//
// Who may log in to a camera: by WS-UsernameToken (OASIS UsernameToken Profile 1.0: Base64(SHA1(nonce + created + password)), created within five
// minutes of the camera's clock, each nonce once) or by HTTP digest; and the lock after too many wrong passwords, for the right one as well. One
// thread; times are handed in.
#pragma once

#include "tests/simulators/cameras/onvif/soap.hpp"
#include "tests/simulators/control/device_clock.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <string_view>

namespace gatehouse::simulators::cameras::onvif {

/// Base64(SHA1(nonce + created + password)), the nonce as its raw bytes.
std::string password_digest(std::string_view nonce_raw, std::string_view created, std::string_view password);

class Accounts {
public:
    static constexpr std::size_t nonces_max = 4096;

    struct Rules {
        int wrong_tries_max = 5;
        double lock_s = 1800;
        double window_s = 300;
        std::string realm = "IP Camera";
    };
    enum class Verdict { let_in, nobody, wrong, wrong_time, locked };

    Accounts(Rules rules, std::string user, std::string password, std::uint64_t seed);

    Verdict judge(const UsernameToken& token, control::RealTime camera_now, double now_s);
    /// `header` is the Authorization value of an HTTP request.
    Verdict judge_http(std::string_view header, std::string_view method, std::string_view target, double now_s);
    /// A WWW-Authenticate value.
    std::string challenge();
    /// A log-in somewhere else, such as RTSP.
    void note(bool was_right, double now_s);

    const std::map<std::string, std::string>& passwords() const { return passwords_; }
    void set(const std::string& user, const std::string& password) { passwords_[user] = password; }

    bool is_locked(double now_s) const { return now_s < locked_until_s_; }
    int unlock_in_s(double now_s) const { return is_locked(now_s) ? static_cast<int>(locked_until_s_ - now_s) + 1 : 0; }
    void lock(double now_s) { locked_until_s_ = now_s + rules_.lock_s; }
    void unlock() { locked_until_s_ = -1, wrong_tries_ = 0; }
    std::uint64_t wrong_total() const { return wrong_total_; }

private:
    Verdict wrong(double now_s);

    Rules rules_;
    std::map<std::string, std::string> passwords_;
    std::mt19937_64 random_;
    std::deque<std::string> seen_nonces_, given_nonces_;
    int wrong_tries_ = 0;
    double locked_until_s_ = -1;
    std::uint64_t wrong_total_ = 0;
};

} // namespace gatehouse::simulators::cameras::onvif
