// SPDX-License-Identifier: Apache-2.0
#include "sync/requests.hpp"

#include <algorithm>

namespace gatehouse::sync {

namespace {

constexpr std::size_t id_bytes_max = 128;
constexpr auto id_kept_for = 3 * request_age_max;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The end of the JSON value that begins at `at`. The text is known to be valid.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    if (text[at] == '"') {
        for (++at; text[at] != '"'; ++at)
            if (text[at] == '\\') ++at;
        return at + 1;
    }
    if (text[at] != '{' && text[at] != '[') {
        while (at < text.size() && text[at] != ',' && text[at] != '}' && text[at] != ']' && !is_blank(text[at])) ++at;
        return at;
    }
    int depth = 0;
    for (;; ++at) {
        if (text[at] == '"') {
            at = end_of_value(text, at) - 1;
        } else if (text[at] == '{' || text[at] == '[') {
            ++depth;
        } else if (text[at] == '}' || text[at] == ']') {
            if (--depth == 0) return at + 1;
        }
    }
}

} // namespace

std::optional<std::string_view> raw_member(std::string_view object, std::string_view name) {
    std::size_t at = object.find('{');
    if (at == std::string_view::npos) return std::nullopt;
    ++at;
    for (;;) {
        while (at < object.size() && (is_blank(object[at]) || object[at] == ',')) ++at;
        if (at >= object.size() || object[at] != '"') return std::nullopt;
        const auto key_end = end_of_value(object, at);
        const auto key = parse_json(object.substr(at, key_end - at));
        at = key_end;
        while (is_blank(object[at]) || object[at] == ':') ++at;
        const auto end = end_of_value(object, at);
        if (key && key->is_string() && std::string_view(key->get_string()) == name) return object.substr(at, end - at);
        at = end;
    }
}

Result<Request> parse_request(std::string_view payload) {
    auto parsed = parse_json(payload, request_bytes_max);
    if (!parsed) return std::move(parsed).error().during("request");
    if (!parsed->is_object()) return Error(Fault::malformed, "request: not an object");
    const auto& object = parsed->get_object();
    Request request;
    std::string signature;
    for (const auto& [name, into] : {std::pair<std::string_view, std::string*>("id", &request.id),
                                     {"verb", &request.verb},
                                     {"issued_at", &request.issued_at_text},
                                     {"expires_at", &request.expires_at_text},
                                     {"signature", &signature}}) {
        auto text = need_text(object, name);
        if (!text) return std::move(text).error().during("request");
        *into = std::move(*text);
    }
    if (request.id.empty() || request.id.size() > id_bytes_max) return Error(Fault::malformed, "request.id: empty or too long");
    const auto* args = object_at(object, "args");
    const auto raw = raw_member(payload, "args");
    if (args == nullptr || !raw) return Error(Fault::malformed, "request.args: not an object");
    request.args = *args;
    request.args_text = *raw;
    for (const auto& [text, into] :
         {std::pair<const std::string&, Time*>(request.issued_at_text, &request.issued_at), {request.expires_at_text, &request.expires_at}}) {
        auto time = parse_time(text);
        if (!time) return std::move(time).error().during("request");
        *into = *time;
    }
    const auto bytes = from_base64(signature);
    if (!bytes || bytes->size() != request.signature.size()) return Error(Fault::malformed, "request.signature: not 64 bytes of base64");
    std::copy(bytes->begin(), bytes->end(), request.signature.begin());
    return request;
}

std::string request_statement(const Request& request, std::string_view gateway) {
    std::string text = "gatehouse request 1\n";
    text += gateway;
    text += '\n' + request.id + '\n' + request.verb + '\n' + request.args_text + '\n' + request.issued_at_text + '\n' + request.expires_at_text;
    return text;
}

Done RequestGate::admit(const Request& request, Time now, ClockQuality quality) {
    if (keys_.empty()) return Error(Fault::refused, "no key is pinned for this upstream");
    const auto statement = request_statement(request, gateway_);
    const bool is_signed =
        std::any_of(keys_.begin(), keys_.end(), [&](const PublicKey& key) { return signature_fits(key, statement, request.signature); });
    if (!is_signed) return Error(Fault::refused, "the signature does not fit");
    if (quality != ClockQuality::synced) return Error(Fault::refused, "the gateway's clock is unsynced");
    if (request.issued_at < started_) return Error(Fault::refused, "issued before this gateway started");
    if (now - request.issued_at > request_age_max) return Error(Fault::refused, "older than 10 s");
    if (request.issued_at - now > request_age_max) return Error(Fault::refused, "issued in the future");
    if (now > request.expires_at) return Error(Fault::refused, "expired");
    std::erase_if(seen_, [&](const auto& one) { return one.second < now; });
    if (seen_.contains(request.id)) return Error(Fault::refused, "this request was heard before");
    if (seen_.size() >= request_ids_max) return Error(Fault::busy, "too many requests");
    seen_.emplace(request.id, now + id_kept_for);
    return {};
}

std::string answer_with(const std::string& id, json::value result) {
    json::object answer;
    answer["id"] = id;
    answer["ok"] = true;
    answer["result"] = std::move(result);
    return json::serialize(answer);
}

std::string answer_with(const std::string& id, const Error& error) {
    json::object answer;
    answer["id"] = id;
    answer["ok"] = false;
    answer["error"] = name_of(error.fault());
    answer["message"] = error.what();
    return json::serialize(answer);
}

} // namespace gatehouse::sync
