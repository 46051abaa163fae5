// SPDX-License-Identifier: Apache-2.0
//
// The other end, for tests of the platform: lays out events and signs digests by hand from sync/README.md.
#pragma once

#include "tests/simulators/platforms/mqtt/application.hpp"

#include <doctest/doctest.h>
#include <sodium.h>

#include <cstdio>

namespace gatehouse::simulators::platform {

namespace json = boost::json;

struct Gateway {
    Gateway() {
        REQUIRE(sodium_init() >= 0);
        std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> raw{};
        crypto_sign_keypair(raw.data(), secret.data());
        key = to_base64(std::string_view(reinterpret_cast<const char*>(raw.data()), raw.size()));
    }
    std::string epoch = "0192f5c4-7e3a-7cc1-9f00-5d0c1a2b3c4d";
    std::string key;
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};

    static std::string digits(std::uint64_t number) {
        auto text = std::to_string(number);
        return std::string(20 - text.size(), '0') + text;
    }
    std::string event(std::uint64_t sequence, std::uint64_t previous, const std::string& kind = "pass.granted", const std::string& lane = "routine",
                      const std::string& data = "{\"facts\":{\"door\":1}}", const std::string& extra = "") const {
        char id[64];
        std::snprintf(id, sizeof id, "0192f5c4-7e3a-7cc1-9f00-%012llx",
                      static_cast<unsigned long long>(sequence * 2 + (epoch.back() == 'd' ? 0 : 1)));
        return std::string("{\"specversion\":\"1.0\",\"id\":\"") + id +
               "\",\"source\":\"/gateways/gw/devices/north-doors\",\"type\":\"cn.gatehouse." + kind +
               ".v1\",\"subject\":\"device:north-doors\",\"time\":\"2026-01-15T00:30:12.000000Z\",\"datacontenttype\":\"application/"
               "json\",\"sequence\":\"" +
               digits(sequence) + "\",\"previous\":\"" + digits(previous) + "\",\"epoch\":\"" + epoch + "\",\"lane\":\"" + lane +
               "\",\"compound\":\"west-lake\",\"heardat\":\"2026-01-15T00:30:12.100000Z\",\"clock\":\"synced\"" + extra + ",\"data\":" + data + "}";
    }
    static std::string batch(const std::vector<std::string>& events) {
        std::string text = "[";
        for (const auto& one : events) text += (text.size() > 1 ? "," : "") + one;
        return text + "]";
    }
    static Message message(const std::string& lane, std::string payload, std::string content_type = "application/cloudevents-batch+json") {
        Message made;
        made.topic = "gatehouse/v1/gw/" + std::string(lane == "routine" ? "records" : lane);
        made.payload = std::move(payload);
        made.content_type = std::move(content_type);
        return made;
    }
    Message status(std::uint64_t epoch_first = 1) const {
        return message("status", "{\"state\":\"online\",\"version\":\"0.1.0\",\"gateway\":\"gw\",\"epoch\":\"" + epoch + "\",\"epoch_first\":" +
                                     std::to_string(epoch_first) + ",\"head\":9,\"instance\":\"0192f5c4-7e3a-7cc1-9f00-5d0c1a2b3c4e\",\"key\":\"" +
                                     key + "\",\"at\":\"2026-01-15T00:30:12.000000Z\"}");
    }
    std::string sign(const std::string& text) const {
        std::string signature(crypto_sign_BYTES, '\0');
        crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, reinterpret_cast<const unsigned char*>(text.data()),
                             text.size(), secret.data());
        return to_base64(signature);
    }
    /// data of a digest event over `events`, as W10 lays it down.
    std::string lane_digest(const std::string& lane, std::uint64_t first, std::uint64_t last, const std::vector<std::string>& events,
                            const std::string& upstream = "district") const {
        std::string hashes;
        for (const auto& one : events) {
            const auto hash = sha256(one);
            hashes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
        }
        const auto whole = hex(sha256(hashes));
        const std::string seal(64, 'a'), at = "2026-01-15T01:00:00.000000Z";
        const auto text = "gatehouse lane digest 1\n" + upstream + "\n" + lane + "\n" + epoch + "\n" + std::to_string(first) + "\n" +
                          std::to_string(last) + "\n" + std::to_string(events.size()) + "\n" + whole + "\n" + seal + "\n" + at;
        const json::object facts{
            {"upstream", upstream}, {"lane", lane}, {"epoch", epoch},          {"first", first}, {"last", last}, {"count", events.size()},
            {"sha256", whole},      {"seal", seal}, {"signature", sign(text)}, {"key", key},     {"at", at}};
        return json::serialize(json::object{{"facts", facts}});
    }
};

struct Platform {
    explicit Platform(Application::Settings settings = {}) : application(with_root(std::move(settings)), faults, publish(), later()) {}
    static Application::Settings with_root(Application::Settings settings) {
        settings.root = "gatehouse/v1/gw";
        settings.upstream = "district";
        return settings;
    }
    Application::Publish publish() {
        return [this](Outgoing message) { sent.push_back(std::move(message)); };
    }
    Application::Later later() {
        return [this](std::chrono::milliseconds wait, std::function<void()> work) { waiting.emplace_back(wait, std::move(work)); };
    }
    void wait_over() {
        auto due = std::move(waiting);
        waiting.clear();
        for (auto& [wait, work] : due) work();
    }
    json::object lane(const std::string& name) { return application.state().at("lanes").at(name).as_object(); }
    json::object last_receipt() {
        REQUIRE(!sent.empty());
        return json::parse(sent.back().payload).as_object();
    }

    control::Faults faults{1};
    std::vector<Outgoing> sent;
    std::vector<std::pair<std::chrono::milliseconds, std::function<void()>>> waiting;
    Application application;
};

} // namespace gatehouse::simulators::platform
