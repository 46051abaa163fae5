// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/push_slot.hpp"

#include <algorithm>

namespace gatehouse::drivers::isapi {

namespace {

bool points_at(const HttpHost& host, const net::Endpoint& at, const std::string& path) {
    return host.url == path && host.address == at.host && host.port == at.port;
}

} // namespace

PushSlot::PushSlot(DeviceApi& api, Writer& writer, bool is_terminal, std::int64_t heartbeat_s)
    : api_(api), writer_(writer), is_terminal_(is_terminal), heartbeat_s_(heartbeat_s) {}

Task<Result<std::vector<HttpHost>>> PushSlot::read() {
    std::string method = "GET";
    std::string target(http_hosts_target);
    auto answer = co_await api_.ask(std::move(method), std::move(target));
    if (!answer) co_return std::move(answer).error();
    co_return decode_http_hosts(*answer);
}

Task<Done> PushSlot::put(const HttpHost& host) {
    const auto target = std::string(http_hosts_target) + "/" + std::to_string(host.id);
    const Subscription subscription{heartbeat_s_};
    std::string method = "PUT";
    std::string where = target;
    auto body = encode_http_host(host, is_terminal_ ? &subscription : nullptr);
    auto answer = co_await api_.ask(std::move(method), std::move(where), std::move(body));
    if (!answer && answer.error().fault() == Fault::malformed && is_terminal_) {
        // Older terminals call the subscription bad content.
        std::string again = "PUT";
        std::string there = target;
        auto plain = encode_http_host(host, nullptr);
        answer = co_await api_.ask(std::move(again), std::move(there), std::move(plain));
    }
    if (!answer) co_return std::move(answer).error();
    co_return Done();
}

Task<Done> PushSlot::point_at(net::Endpoint at, std::string path, bool write_again) {
    auto hosts = co_await read();
    if (!hosts) co_return std::move(hosts).error();
    auto slot = std::find_if(hosts->begin(), hosts->end(), [&](const HttpHost& host) { return host.url == path; });
    if (slot != hosts->end() && points_at(*slot, at, path) && !write_again) co_return Done();
    if (slot == hosts->end()) slot = std::find_if(hosts->begin(), hosts->end(), [](const HttpHost& host) { return host.is_free(); });
    if (slot == hosts->end())
        co_return Error(Fault::full,
                        "all " + std::to_string(hosts->size()) + " push slots of the device point elsewhere; free one by hand to let it post to us");
    const HttpHost before = *slot;
    HttpHost ours{before.id, path, at.host, at.port, is_terminal_ ? "JSON" : "XML"};
    auto set = co_await put(ours);
    if (!set) co_return set;
    auto after = co_await read();
    if (!after) co_return std::move(after).error();
    const bool stored =
        std::any_of(after->begin(), after->end(), [&](const HttpHost& host) { return host.id == ours.id && points_at(host, at, path); });
    if (!stored) co_return Error(Fault::damaged, "the device said ok to our push slot and stored nothing");
    if (points_at(before, at, path)) co_return Done();
    Record changed = writer_.record_now(Kind::device_changed);
    changed.facts["setting"] = "push_slot_" + std::to_string(ours.id);
    changed.facts["value"] = at.host + ":" + std::to_string(at.port);
    changed.facts["previous"] = before.is_free() ? std::string("free") : before.address + ":" + std::to_string(before.port);
    co_return co_await writer_.tell(std::move(changed));
}

} // namespace gatehouse::drivers::isapi
