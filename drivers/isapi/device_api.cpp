// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/device_api.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/text.hpp"
#include "drivers/isapi/user_check.hpp"

#include <algorithm>

namespace gatehouse::drivers::isapi {

namespace {

constexpr std::size_t missing_max = 64;

Error error_of_status(const ResponseStatus& status, int http_status) {
    const auto text = described(status);
    if (status.busy()) return Error(Fault::busy, "device busy");
    if (status.sub_code == "deployExceedMax" || status.sub_code == "overLimit" || status.sub_code == "deviceCardFull")
        return Error(Fault::full, text);
    if (status.sub_code == "badAuthorization" || status.sub_code == "notActivated") return Error(Fault::refused, text);
    if (status.missing() || status.code == 4) return Error(Fault::unsupported, text);
    if (status.code == 3) return Error(Fault::damaged, "device error: " + text);
    if (status.ok()) return Error(Fault::malformed, "HTTP " + std::to_string(http_status) + " that says ok");
    return Error(Fault::malformed, text);
}

bool may_hold_status(std::string_view body) {
    const auto start = body.substr(0, 2048);
    return start.find("ResponseStatus") != std::string_view::npos || start.find("statusCode") != std::string_view::npos;
}

} // namespace

Error error_of(const net::HttpResponse& response) {
    if (response.status == 401) {
        if (const auto check = decode_user_check(response.body); check && check->locked)
            return Error(Fault::refused,
                         "account locked by the device for another " + std::to_string(check->unlock_after.count()) + " s after wrong passwords");
        return Error(Fault::refused, "user name or password refused");
    }
    if (may_hold_status(response.body))
        if (const auto status = decode_response_status(response.body)) return error_of_status(*status, response.status);
    if (response.status == 404 || response.status == 405 || response.status == 403 || response.status == 501)
        return Error(Fault::unsupported, "HTTP " + std::to_string(response.status));
    if (response.status == 503) return Error(Fault::busy, "HTTP 503");
    return Error(Fault::malformed, "HTTP " + std::to_string(response.status));
}

Task<Result<std::string>> DeviceApi::ask_once(const std::string& method, const std::string& target, const std::string& body) {
    net::HttpRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    if (!body.empty()) {
        const bool as_json = trimmed(body).starts_with("{");
        request.headers.emplace_back("Content-Type", as_json ? "application/json" : "application/xml; charset=\"UTF-8\"");
    }
    auto response = co_await http_.request(std::move(request));
    if (!response) co_return std::move(response).error();
    if (response->status / 100 != 2) co_return error_of(*response);
    if (may_hold_status(response->body))
        if (const auto status = decode_response_status(response->body); status && !status->ok()) {
            if (status->code != 7) co_return error_of_status(*status, response->status);
            log::warning("isapi", "the device wants to be restarted", {{"request", target}});
        }
    co_return std::move(response->body);
}

Task<Result<std::string>> DeviceApi::ask(std::string method, std::string target, std::string body, Patience patience) {
    const auto doing = method + " " + target;
    if (missing_.contains(doing)) co_return Error(Fault::unsupported, doing + ": the device does not have it");
    Duration wait = busy_wait_min;
    for (int tries = 1;; ++tries) {
        auto answer = co_await ask_once(method, target, body);
        if (answer) co_return std::move(*answer);
        const auto fault = answer.error().fault();
        // A search may be asked twice; a kept connection that the device had just closed is no loss of the device.
        if (fault == Fault::unreachable && method == "POST" && tries == 1) continue;
        if (fault == Fault::unsupported && missing_.size() < missing_max) missing_.insert(doing);
        const int tries_max = fault == Fault::busy ? busy_tries_max : fault == Fault::damaged ? device_error_tries_max : 1;
        if (patience == Patience::once || tries >= tries_max) co_return std::move(answer).error().during(doing);
        co_await clock_.sleep_for(wait);
        wait = std::min(wait * 2, busy_wait_max);
    }
}

} // namespace gatehouse::drivers::isapi
