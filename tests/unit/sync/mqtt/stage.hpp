// SPDX-License-Identifier: Apache-2.0
//
// One upstream between a log in memory and a broker in memory, on simulated time; and a small platform that reads what arrives.
#pragma once

#include "sync/mqtt/upstream.hpp"
#include "tests/fakes/fake_broker.hpp"
#include "tests/fakes/sim_clock.hpp"
#include "tests/unit/sync/memory_store.hpp"

#include <doctest/doctest.h>

namespace gatehouse::sync::mqtt {

using namespace std::chrono_literals;

struct Event1 {
    std::uint64_t sequence = 0, previous = 0;
    std::string lane, epoch, type, text, revised, id;
    json::object whole;
    const json::object& data() const { return whole.at("data").get_object(); }
};

inline std::uint64_t number_of(std::string_view digits) { return std::stoull(std::string(digits)); }

inline Basis a_basis() {
    Basis basis;
    basis.ground = "law";
    basis.document = "杭公办〔2025〕12号";
    basis.issuer = "杭州市公安局";
    basis.date = "2025-06-01";
    basis.end = "2027-05-31";
    return basis;
}

struct Stage {
    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{7};
    MemoryStore store{loop, clock};
    fakes::FakeBroker broker{loop};
    UpstreamSettings settings;
    SigningKey signing{Key{1}};
    SigningKey platform{Key{2}};
    std::string catalogue = R"({"gateway":"gw-7"})";
    SnapshotProvider snapshot;
    ClipProvider clip;
    LogRewound log_rewound;
    std::vector<std::pair<std::string, std::string>> count_files;
    std::unique_ptr<MqttUpstream> upstream;
    std::unique_ptr<TaskGroup> group = std::make_unique<TaskGroup>(loop);
    static constexpr auto root = "gatehouse/v1/gw-7";

    Stage() {
        settings.name = "district";
        settings.gateway = "gw-7";
        settings.compound = "c-1";
        settings.version = "0.1.0";
        settings.broker = {"broker", 1883};
        settings.entitlement.rules.resize(1);
        rule().kinds = {"*"};
        settings.request_keys = {platform.public_key()};
    }
    ~Stage() { stop(); }

    Rule& rule() { return settings.entitlement.rules.front(); }

    void start() {
        Surroundings around{store, broker, loop, clock, entropy, signing, clock.now(), [this] { return catalogue; }};
        around.snapshot = snapshot;
        around.clip = clip;
        around.log_rewound = log_rewound;
        around.count_file = [this](std::string name, std::string content) { count_files.emplace_back(std::move(name), std::move(content)); };
        auto made = make_mqtt_upstream(settings, std::move(around));
        REQUIRE(made.has_value());
        upstream = std::move(*made);
        group->spawn("upstream", upstream->run());
        run(500ms);
    }
    /// As when the process ends: nothing is said to anybody.
    void stop() {
        group->cancel();
        for (int i = 0; i < 1000 && group->size() > 0; ++i) run(1ms);
        upstream.reset();
        run(1ms);
    }
    void run(Duration howlong) { clock.run_for(howlong); }

    static std::string topic(std::string_view leaf) { return std::string(root) + "/" + std::string(leaf); }

    static std::vector<Event1> events_in(const std::string& payload) {
        std::vector<Event1> found;
        const auto parsed = json::parse(payload);
        json::array events;
        if (parsed.is_array())
            events = parsed.get_array();
        else
            events.push_back(parsed);
        for (const auto& value : events) {
            Event1 event;
            event.whole = value.get_object();
            const auto text = [&](std::string_view name) { return text_at(event.whole, name).value_or(""); };
            if (event.whole.contains("sequence")) event.sequence = number_of(text("sequence"));
            if (event.whole.contains("previous")) event.previous = number_of(text("previous"));
            event.lane = text("lane");
            event.epoch = text("epoch");
            event.type = text("type");
            event.revised = text("revised");
            event.id = text("id");
            event.text = json::serialize(value);
            found.push_back(std::move(event));
        }
        return found;
    }
    std::vector<Event1> events_on(std::string_view leaf) const {
        std::vector<Event1> all_events;
        for (const auto& payload : broker.payloads_on(topic(leaf)))
            for (auto& event : events_in(payload)) all_events.push_back(std::move(event));
        return all_events;
    }
    std::size_t messages_on(std::string_view leaf) const { return broker.payloads_on(topic(leaf)).size(); }

    void receipt(const std::string& rest, std::string_view lane = "routine", std::string_view epoch = MemoryStore::epoch_1) {
        broker.deliver(topic("receipts"), R"({"epoch":")" + std::string(epoch) + R"(","lane":")" + std::string(lane) + "\"," + rest + "}");
        run(20ms);
    }
    void held(std::uint64_t first, std::uint64_t last, std::string_view lane = "routine", std::string_view epoch = MemoryStore::epoch_1) {
        receipt("\"held\":[[" + std::to_string(first) + "," + std::to_string(last) + "]]", lane, epoch);
    }
    store::Cursor cursor(std::string_view lane = "routine") { return store.cursor_rows["upstream/district/" + std::string(lane)]; }
    LaneStatus lane_status(Lane lane) const {
        for (const auto& one : upstream->status().lanes)
            if (one.lane == lane) return one;
        return {};
    }
};

} // namespace gatehouse::sync::mqtt
