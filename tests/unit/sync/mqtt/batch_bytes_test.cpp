// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sync/mqtt/stage.hpp"

using namespace gatehouse;
using namespace gatehouse::sync;
using namespace gatehouse::sync::mqtt;

TEST_CASE("W5: no batch is larger than its setting, and an event that is goes alone") {
    Stage stage;
    stage.settings.batch_bytes_max = 4096;
    stage.start();
    stage.store.write_many(Kind::pass_granted, 100);
    Record large;
    large.kind = Kind::device_event;
    large.source = "d-1";
    large.facts["values"] = std::string(9000, 'x');
    const auto position = stage.store.write(std::move(large));
    stage.store.write_many(Kind::pass_granted, 100);
    stage.run(5s);
    std::size_t several = 0, beyond = 0;
    for (const auto& payload : stage.broker.payloads_on(Stage::topic("records"))) {
        const auto events = Stage::events_in(payload);
        several += events.size() > 1 ? 1 : 0;
        if (payload.size() <= 4096) continue;
        ++beyond;
        REQUIRE(events.size() == 1);
        CHECK(events[0].sequence == position);
    }
    CHECK(several > 10);
    CHECK(beyond == 1);
    CHECK(stage.events_on("records").size() == 202); // with the entitlement's own
    CHECK(stage.store.letters.empty());
}

TEST_CASE("settings that cannot be are refused") {
    Stage stage;
    const auto refused = [&](const std::function<void(UpstreamSettings&)>& change) {
        auto settings = stage.settings;
        change(settings);
        Surroundings around{stage.store,   stage.broker,  stage.loop,        stage.clock,
                            stage.entropy, stage.signing, stage.clock.now(), [] { return std::string(); }};
        return make_mqtt_upstream(std::move(settings), std::move(around)).has_error();
    };
    CHECK_FALSE(refused([](auto&) {}));
    CHECK(refused([](auto& s) { s.batch_bytes_max = 1023; }));
    CHECK(refused([](auto& s) { s.batch_bytes_max = 262'145; }));
    CHECK(refused([](auto& s) { s.batch_records_max = 0; }));
    CHECK(refused([](auto& s) { s.request_keys.resize(9); }));
    CHECK(refused([](auto& s) { s.topic_names.urgent = "a/#"; }));
    CHECK(refused([](auto& s) { s.root = "a/+"; }));
}

TEST_CASE("W11: a verb in Chinese that is too long is said again in whole characters: what a stranger sends breaks no batch") {
    Stage stage;
    stage.start();
    std::string verb = "xx"; // 40 bytes end inside a character
    for (int i = 0; i < 300; ++i) verb += "查";
    stage.broker.deliver(Stage::topic("requests"),
                         R"({"id":"1","verb":")" + verb +
                             R"(","args":{},"issued_at":"2026-01-15T00:30:00Z","expires_at":"2026-01-15T00:30:10Z","signature":")" +
                             to_base64(ByteView(Signature{})) + "\"}");
    stage.run(1s);
    REQUIRE(stage.messages_on("responses") == 1);
    CHECK(parse_json(stage.broker.payloads_on(Stage::topic("responses")).front()).has_value());
    std::size_t audited = 0;
    for (const auto& payload : stage.broker.payloads_on(Stage::topic("records"))) {
        CHECK(parse_json(payload).has_value());
        audited += payload.find("audit.read") != std::string::npos ? 1 : 0;
    }
    CHECK(audited == 1);
}
