// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/device_api.hpp"

#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/net/digest.hpp"
#include "drivers/onvif/username_token.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::drivers::onvif {

namespace {

constexpr std::size_t lock_words_bytes_max = 4096; // of an answer: where a lock would be spoken of

/// "Thu, 15 Jan 2026 00:30:00 GMT" (RFC 9110, 5.6.7).
std::optional<Time> read_http_date(std::string_view text) {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
    const auto month = months.find(text.substr(8, 3));
    if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
    const auto number = std::to_string(month / 3 + 1);
    const auto time = parse_time(std::string(text.substr(12, 4)) + "-" + (number.size() < 2 ? "0" : "") + number + "-" +
                                 std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8)) + "Z");
    return time ? std::optional<Time>(*time) : std::nullopt;
}

} // namespace

Error error_of_status(const Said& said) {
    const auto what = "HTTP " + std::to_string(said.status) + " without an ONVIF answer";
    if (said.status == 401 || said.status == 403) return Error(Fault::refused, what);
    if (said.status == 404 || said.status == 405 || said.status == 501) return Error(Fault::unsupported, what);
    return Error(Fault::busy, what);
}

std::string DeviceApi::address_of(const std::string& path) const {
    return (device_.tls ? "https://" : "http://") + net::to_text(device_.address) + path;
}

Task<Result<Said>> DeviceApi::ask(Asked asked) {
    net::HttpClient& http = way_ == LogIn::http ? with_account_ : bare_;
    for (int tries = 0;; ++tries) {
        Call call;
        call.body = asked.body;
        call.action = asked.action;
        call.to = asked.to;
        call.reference_parameters = asked.reference_parameters;
        if (!asked.action.empty()) call.message_id = to_text(make_uuid_v7(around_.clock.now(), around_.entropy));
        if (way_ == LogIn::token) {
            Nonce nonce{};
            around_.entropy.fill(nonce);
            call.security = encode_security(device_.username, device_.password, around_.clock.now() + offset_, nonce);
        }
        net::HttpRequest request;
        request.method = "POST";
        request.target = asked.path;
        request.headers.emplace_back("Content-Type", std::string(soap_type) + (asked.action.empty() ? "" : "; action=\"" + asked.action + "\""));
        request.body = encode_envelope(call);
        auto response = co_await http.request(std::move(request));
        if (!response && response.error().fault() == Fault::unreachable && asked.may_be_repeated && tries == 0) continue;
        if (!response) co_return std::move(response).error();
        Said said;
        said.status = response->status;
        said.asks_digest = response->status == 401 && net::digest_challenge(response->headers).has_value();
        said.date = read_http_date(net::header(response->headers, "Date"));
        said.body = std::move(response->body);
        said.speaks_of_a_lock =
            said.status / 100 != 2 && lower(std::string_view(said.body).substr(0, lock_words_bytes_max)).find("locked") != std::string::npos;
        co_return said;
    }
}

} // namespace gatehouse::drivers::onvif
